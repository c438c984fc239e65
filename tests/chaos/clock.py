"""A wall clock that jumps for one process and not for the machine: a library that is loaded before libc.

It adds the whole seconds that a file holds to the wall clock, and leaves the monotonic clocks alone, as a step of NTP
or a virtual machine that goes on after a pause.
"""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *ahead;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("CHAOS_CLOCK");
    int file = name ? open(name, O_RDONLY) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) ahead = page;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *there) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (there) *there = exact.tv_sec;
    return exact.tv_sec;
}
"""


class Clock:
    """name: of the files in `folder`. It can be set only where there is a C compiler."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file, library = folder / f"{name}.clock", folder / "clock.so"
        self.set(0)
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler and not library.exists():
            words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), "-x", "c", "-"]
            subprocess.run(words, input=SOURCE.encode(), check=True)
        self.library = library if library.exists() else None

    def set(self, seconds: int) -> None:
        """So far ahead of the machine's clock it is from now on."""
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs in its environment to go by this clock."""
        return {"LD_PRELOAD": str(self.library), "CHAOS_CLOCK": str(self.file)} if self.library else {}
