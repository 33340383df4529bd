"""The filter of system calls, run line by line as the kernel does: each call gets the answer of its table."""

import fcntl
import struct
import termios
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.grading.sandbox import seccomp
from rnncourse.grading.sandbox.seccomp import ALLOW, IGNORE, KILL, REFUSE, UNKNOWN, Program

PROCESS = 4321
PROGRAMS = {machine: seccomp.filter_calls(machine, PROCESS) for machine in seccomp.ARCHITECTURES}
ARGUMENT = st.integers(0, 2**64 - 1) | st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 9, 1024, 2**20, 2**20 - 1])
ARGUMENTS = st.tuples(*[ARGUMENT] * 6)
on_each_machine = pytest.mark.parametrize("machine", PROGRAMS)


def simulate(program: Program, number: int, architecture: int, arguments: tuple[int, ...]) -> int:
    """Return what the filter answers to a call."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, *arguments)
    value, place = 0, 0
    while True:
        operation, if_true, if_false, operand = program[place]
        place += 1
        match operation:
            case seccomp.LOAD:
                (value,) = struct.unpack_from("<I", data, operand)
            case seccomp.ANSWER:
                return operand
            case seccomp.EQUAL:
                place += if_true if value == operand else if_false
            case seccomp.AT_LEAST:
                place += if_true if value >= operand else if_false
            case seccomp.HAS_BITS:
                place += if_true if value & operand else if_false
            case _:
                raise AssertionError(operation)


def answer(machine: str, number: int, arguments: tuple[int, ...], architecture: int | None = None) -> int:
    return simulate(PROGRAMS[machine], number, architecture or seccomp.ARCHITECTURES[machine][1], arguments)


def numbers(calls: dict[str, tuple[int, int]], machine: str) -> list[int]:
    column = seccomp.ARCHITECTURES[machine][0]
    return [call[column] for call in calls.values() if call[column]]


@on_each_machine
@settings(deadline=None)
@given(arguments=ARGUMENTS)
def test_listed_calls_get_their_answer_whatever_they_ask(machine, arguments):
    for calls, expected in ((seccomp.REFUSED, REFUSE), (seccomp.IGNORED, IGNORE)):
        assert {answer(machine, number, arguments) for number in numbers(calls, machine)} == {expected}


@on_each_machine
@settings(deadline=None)
@given(number=st.integers(0, 600), arguments=ARGUMENTS)
def test_calls_that_are_not_listed_are_allowed(machine, number, arguments):
    listed = chain.from_iterable(
        numbers(calls, machine) for calls in (seccomp.REFUSED, seccomp.IGNORED, seccomp.TESTED)
    )
    if number not in set(listed):
        assert answer(machine, number, arguments) == ALLOW


@on_each_machine
@settings(deadline=None)
@given(number=st.integers(2**30, 2**32 - 1), arguments=ARGUMENTS)
def test_a_second_set_of_numbers_leads_around_nothing(machine, number, arguments):
    assert answer(machine, number, arguments) == REFUSE


@on_each_machine
@settings(deadline=None)
@given(number=st.integers(0, 600), architecture=st.integers(1, 2**32 - 1), arguments=ARGUMENTS)
def test_another_architecture_ends_the_process(machine, number, architecture, arguments):
    if architecture != seccomp.ARCHITECTURES[machine][1]:
        assert answer(machine, number, arguments, architecture) == KILL


def low(argument: int) -> int:
    return argument & 0xFFFFFFFF


SET_OWNER_EX = 15
TO_OTHERS = {fcntl.F_SETOWN, fcntl.F_SETSIG, SET_OWNER_EX, fcntl.F_SETLEASE, fcntl.F_NOTIFY}
OF_TERMINALS = {termios.TCGETS, 0x802C542A, termios.TIOCGWINSZ}  # the second is asked by newer C libraries
OF_OPEN_FILES = {*OF_TERMINALS, termios.FIONREAD, termios.FIOCLEX, termios.FIONCLEX, termios.FIONBIO}
SET_FLAGS, SET_FILE_ATTRIBUTES, SET_OWNER = 0x40086602, 0x401C5820, 0x8901
PROMISES = {
    "clone": lambda a: ALLOW if low(a[0]) & seccomp.CLONE_THREAD else REFUSE,
    "clone3": lambda a: UNKNOWN,
    "tgkill": lambda a: ALLOW if low(a[0]) == PROCESS else REFUSE,
    "prlimit64": lambda a: ALLOW if low(a[0]) == 0 else REFUSE,
    "prctl": lambda a: REFUSE if low(a[0]) == seccomp.SET_DEATH_SIGNAL else ALLOW,
    "fcntl": lambda a: REFUSE if low(a[1]) in TO_OTHERS else ALLOW,
    "ioctl": lambda a: ALLOW if low(a[1]) in OF_OPEN_FILES else REFUSE,
    "sched_setaffinity": lambda a: ALLOW if low(a[0]) == 0 else REFUSE,
    "mmap": lambda a: REFUSE if low(a[3]) & seccomp.MAP_STACK and a[1] < seccomp.SMALLEST_STACK else ALLOW,
}
INTERESTING = {
    "clone": {0: [17, seccomp.CLONE_THREAD, seccomp.CLONE_THREAD | 17]},
    "tgkill": {0: [PROCESS, PROCESS + 1]},
    "prlimit64": {0: [0, 1, 2**32]},
    "prctl": {0: [seccomp.SET_DEATH_SIGNAL, 2]},
    "fcntl": {1: [*TO_OTHERS, 9, 9 | 2**32]},
    "ioctl": {1: [*OF_OPEN_FILES, SET_FLAGS, SET_FILE_ATTRIBUTES, SET_OWNER, termios.FIOASYNC, termios.TIOCSTI]},
    "sched_setaffinity": {0: [0, PROCESS, 2**32]},
    "mmap": {1: [65536, seccomp.SMALLEST_STACK, 2**32 + 65536], 3: [0x22, seccomp.MAP_STACK | 0x22]},
}


@pytest.mark.parametrize("name", seccomp.TESTED)
@on_each_machine
@settings(deadline=None)
@given(arguments=ARGUMENTS, data=st.data())
def test_tested_calls_are_allowed_by_what_they_ask(machine, name, arguments, data):
    chosen = list(arguments)
    for place, values in INTERESTING.get(name, {}).items():
        chosen[place] = data.draw(st.sampled_from(values) | ARGUMENT)
    number = seccomp.TESTED[name][seccomp.ARCHITECTURES[machine][0]]
    assert answer(machine, number, tuple(chosen)) == PROMISES[name](chosen)


def test_the_argument_of_a_call_is_not_taken_for_a_number():
    fcntl, mmap = seccomp.TESTED["fcntl"][0], seccomp.TESTED["mmap"][0]
    assert answer("x86_64", fcntl, (3, mmap, 0, seccomp.MAP_STACK, 0, 0)) == ALLOW


@on_each_machine
def test_jumps_fit_into_a_byte_and_lead_into_the_program(machine):
    program = PROGRAMS[machine]
    for place, line in enumerate(program, start=1):
        for jump in (line.skip_if_true, line.skip_if_false):
            assert jump < 256
            assert place + jump < len(program) or line.operation == seccomp.ANSWER
