"""The alarm: set earlier while somebody sleeps, never later."""

import threading
import time

from workers.runtime.alarm import Alarm


def slept(alarm: Alarm, least: float, most: float) -> float:
    begun = time.monotonic()
    alarm.sleep(least, most)
    return time.monotonic() - begun


def test_without_an_alarm_it_sleeps_its_most():
    assert slept(Alarm(), 0, 0.05) >= 0.05


def test_it_wakes_at_the_earliest_of_several_times_and_not_before():
    alarm = Alarm()
    alarm.set_in(30)
    alarm.set_in(0.05)
    alarm.set_in(20)
    assert 0.05 <= slept(alarm, 0, 10) < 9


def test_setting_it_earlier_wakes_the_sleeper():
    alarm = Alarm()
    threading.Timer(0.05, alarm.ring).start()
    assert slept(alarm, 0, 10) < 9


def test_it_never_sleeps_less_than_the_least():
    alarm = Alarm()
    alarm.ring()
    assert slept(alarm, 0.05, 10) >= 0.05
