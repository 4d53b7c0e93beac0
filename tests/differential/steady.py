# Comparing what changes by itself: a difference counts only if it stays. No mask hides it.
#
# SPDX-License-Identifier: GPL-2.0-or-later
import time

ATTEMPTS = 10


def pauses(attempts=ATTEMPTS):
    """Numbers of attempts from 0 on, the first two at once, then after ever longer pauses: some seconds in all."""
    for attempt in range(attempts):
        if attempt > 1:
            time.sleep(min(0.05 * 2 ** (attempt - 1), 1))
        yield attempt


def compared(reference, ours):
    """(are they equal, the reference's answer, ours). `ours` is asked between two readings of the reference, and has to
    equal one of them; otherwise all are asked again."""
    for _ in pauses():
        before, got = reference(), ours()
        if got == before or got == reference():
            return True, got, got
    return False, before, got


def settled(read, seconds=1.5, patience=20):
    """Waits until `read` gives the same answer for so long: the kernel has done what it does a moment later (an
    address, a group, an association). False if the answer still changes after `patience` seconds."""
    end = time.monotonic() + patience
    last, since = read(), time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.1)
        now = read()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since >= seconds:
            return True
    return False
