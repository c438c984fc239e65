"""Ports that no page lives at: other protocols, and what runs a mill or a cluster, would be asked there (pure).

Browsers refuse the first kind; the second answers plain HTTP, or is told something by it, to whoever can reach it.
A source that an operator wrote with such a port says that a site of news is there.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

# https://fetch.spec.whatwg.org/#port-blocking
BROWSERS_REFUSE = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526,
    530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
    4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})  # fmt: skip
# Registered with IANA or the default of the software named.
SERVICES: dict[str, tuple[int, ...]] = {
    "Redis": (6379, 6380, 16379, 26379),
    "RabbitMQ": (4369, 5551, 5552, 5671, 5672, 15670, 15671, 15672, 15674, 15675, 15692, 25672, 61613, 61614),
    "Kafka": (9092, 9093, 9094),
    "ActiveMQ or another queue": (1414, 4150, 4151, 4160, 4161, 4171, 4730, 6650, 8161, 11300, 61616),
    "NATS": (4222, 6222, 8222),
    "MQTT": (1883, 8883),
    "ZooKeeper": (2181, 2888, 3888),
    "OpenSearch or Elasticsearch": (9200, 9300, 9600, 5601),
    "Solr": (8983,),
    "memcached": (11210, 11211),
    "PostgreSQL": (5432, 5433, 6432, 26257),
    "MySQL": (3306, 33060),
    "SQL Server": (1433, 1434),
    "Oracle": (1521, 1522, 2483, 2484),
    "MongoDB": (27017, 27018, 27019, 28017),
    "Cassandra": (7000, 7001, 9042, 9160),
    "CouchDB or Couchbase": (5984, 6984, 8091, 8092, 8093, 8094, 8095, 8096),
    "InfluxDB": (8086,),
    "ClickHouse": (8123, 9009),
    "Neo4j or ArangoDB": (7473, 7474, 7687, 8529),
    "a search engine or a model": (6333, 6334, 7700, 8108, 11434, 19530),
    "an object store": (7070, 9000, 9001),
    "Flower": (5555,),
    "a mill's console": (8717,),
    "Hadoop, HBase or Spark": (4040, 6066, 7077, 8020, 8032, 8042, 8088, 9864, 9870, 16000, 16010, 16020, 16030, 18080),
    "RethinkDB or Riak": (8087, 8098, 28015, 29015),
    "Prometheus and its exporters": (9090, 9091, 9093, 9100, 9108),
    "logs": (3100, 5044, 5140, 8089, 24224),
    "figures of machines": (2003, 2004, 8125, 8126, 8649, 10050, 10051, 25826),
    "traces of requests": (4317, 4318, 6831, 6832, 9411, 14268, 16686),
    "Docker": (2375, 2376, 2377, 4243, 7946),
    "etcd": (2379, 2380, 4001),
    "Kubernetes": (6443, 10248, 10249, 10250, 10255, 10256, 10257, 10259),
    "Consul": (8300, 8301, 8302, 8500, 8501, 8600),
    "Vault": (8200, 8201),
    "Nomad": (4646, 4647, 4648),
    "a debugger or a browser's control": (4444, 5005, 5858, 9222, 9229),
    "Salt or Puppet": (4505, 4506, 8140),
    "a proxy's control": (2019, 9901, 15000),
    "remote control of a machine": (623, 3389, 5666, 5900, 5901, 5902, 5903, 5985, 5986, 8006, 9443, 10000),
    "file sharing": (445, 873, 3260, 3690, 9418, 24007),
    "Java's remote calls": (1098, 1099, 4447, 4848, 8009, 8761, 9990),
}
_OWNERS = dict.fromkeys(BROWSERS_REFUSE, "another protocol") | {
    port: owner for owner, ports in SERVICES.items() for port in ports
}
_DEFAULTS = {"http": 80, "https": 443}


def port_of(url: str) -> int:
    """The port of an address, the default of its scheme included; -1 if it has none that is one."""
    parts = urlsplit(url)
    try:
        return parts.port if parts.port is not None else _DEFAULTS.get(parts.scheme, -1)
    except ValueError:
        return -1


def check_port(url: str, named: Collection[str] = ()) -> str | None:
    """Why no request may go to the port of `url`, or None if one may. named: addresses that an operator wrote."""
    owner = _OWNERS.get(port_of(url))
    if owner is None or _place(url) in {_place(address) for address in named}:
        return None
    return f"port {port_of(url)} belongs to {owner}"


def _place(url: str) -> tuple[str, int]:
    return (urlsplit(url).hostname or "").rstrip("."), port_of(url)
