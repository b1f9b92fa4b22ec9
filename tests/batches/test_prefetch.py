from __future__ import annotations

import threading
import time

import pytest

from textprep.batches.prefetch import prefetched


def numbers(count, log=None, error=None):
    try:
        for number in range(count):
            if log is not None:
                log.append(number)
            yield number
        if error:
            raise error
    finally:
        if log is not None:
            log.append("closed")


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "textprep loader"]


@pytest.mark.parametrize("most", [0, 1, 2, 3, 16])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 100])
def test_it_gives_the_same_items(count, most):
    assert list(prefetched(numbers(count), most)) == list(range(count))
    assert not threads()


@pytest.mark.parametrize("most", [0, 2, 16])
def test_an_error_comes_where_its_item_would_have_come(most):
    taken = []
    with pytest.raises(ValueError, match="no more"):
        taken.extend(prefetched(numbers(5, error=ValueError("no more")), most))
    found = []
    try:
        for item in prefetched(numbers(5, error=ValueError("no more")), most):
            found.append(item)
    except ValueError:
        pass
    assert found == list(range(5))
    assert not threads()


@pytest.mark.parametrize("most", [2, 8])
def test_no_more_is_made_ahead_than_allowed(most):
    log = []
    taken = prefetched(numbers(100, log), most)
    for item in range(20):
        assert next(taken) == item
        time.sleep(0.005)
        assert len(log) - (item + 1) <= most
    taken.close()
    assert log[-1] == "closed"
    assert not threads()


def test_who_breaks_out_of_the_loop_ends_the_thread():
    log = []
    for item in prefetched(numbers(10**9, log), 2):
        if item == 3:
            break
    assert not threads()
    assert log[-1] == "closed"


def test_an_interrupt_while_the_consumer_waits_ends_the_thread():
    log = []
    taken = prefetched(numbers(10**9, log), 2)
    next(taken)
    with pytest.raises(KeyboardInterrupt):
        taken.throw(KeyboardInterrupt)
    assert not threads()
    assert log[-1] == "closed"


def test_a_slow_item_keeps_none_back_that_is_there():
    go_on = threading.Event()

    def slow():
        yield 1
        time.sleep(0.01)
        yield 2
        go_on.wait(timeout=60)
        yield 3

    taken = prefetched(slow(), 16)
    assert [next(taken), next(taken)] == [1, 2]
    go_on.set()
    assert list(taken) == [3]
