"""Our transport of hints over a real Redis that refuses."""

from collections.abc import Iterator

import pytest
import redis
from kombu import Connection, Queue

from tests.system.bare import Broker
from workers.runtime import transport


@pytest.fixture
def broker(tmp_path) -> Iterator[Broker]:  # type: ignore[no-untyped-def]
    running = Broker(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.mark.parametrize("way", ["ack", "reject"])
def test_what_a_replica_refuses_to_acknowledge_takes_no_place_among_the_prefetched(broker: Broker, way: str) -> None:
    transport.install()
    master = redis.Redis.from_url(broker.url)
    with Connection(broker.url) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        queue = Queue("hints", channel=channel)
        queue.declare()
        producer = connection.Producer(channel, routing_key="hints")
        producer.publish("one")
        producer.publish("two")
        message = queue.get()
        assert message
        assert not channel.qos.can_consume()
        master.execute_command("REPLICAOF", "127.0.0.1", "1")
        getattr(message, way)()
        master.execute_command("REPLICAOF", "NO", "ONE")
        assert channel.qos.can_consume()
        other = queue.get()
        assert other
        other.ack()
        assert channel.qos.can_consume()
    master.close()
