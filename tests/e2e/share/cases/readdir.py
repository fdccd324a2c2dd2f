"""Listing directories, also while they change."""

import os
import shutil

from .kit import case, fill, holds, in_child, same, write


@case("a new directory lists as empty")
def empty():
    os.mkdir("d")
    same(os.listdir("d"), [])


@case("ten thousand entries are each listed once", limit=180)
def many():
    fill(10_000, "entry-{}")
    names = os.listdir()
    same(len(names), 10_000, "entries")
    same(set(names), {f"entry-{n}" for n in range(10_000)}, "names")


@case("names of 255 bytes, five hundred of them", limit=90)
def long_names():
    fill(500, "{:03}" + "x" * 252)
    same(set(os.listdir()), {f"{n:03}" + "x" * 252 for n in range(500)})


@case("entries tell their kind")
def kinds():
    write("f")
    os.mkdir("d")
    os.symlink("f", "l")
    with os.scandir() as entries:
        seen = {(e.name, e.is_file(follow_symlinks=False), e.is_dir(), e.is_symlink()) for e in entries}
    same(seen, {("f", True, False, False), ("d", False, True, False), ("l", False, False, True)})


@case("removing while listing: what stays is listed exactly once", limit=90)
def removing():
    fill(2000)
    seen = []
    with os.scandir() as entries:
        for position, entry in enumerate(entries):
            seen.append(entry.name)
            if position < 500:
                os.unlink(f"f{1500 + position}")
    stay = [n for n in seen if int(n[1:]) < 1500]
    same((len(stay), len(set(stay))), (1500, 1500), "listed names of those that stay")


@case("creating while listing: what was there is listed exactly once", limit=90)
def creating():
    fill(2000)
    seen = []
    with os.scandir() as entries:
        for position, entry in enumerate(entries):
            seen.append(entry.name)
            if position < 200:
                write(f"new{position}", b"")
    old = [n for n in seen if n.startswith("f")]
    same((len(old), len(set(old))), (2000, 2000), "listed old names")
    same(len([n for n in seen if n.startswith("new")]) <= 200, True, "new names at most once")


@case("removing each entry as it is listed empties the directory", limit=90)
def remove_each():
    fill(800)
    with os.scandir() as entries:
        for entry in entries:
            os.unlink(entry.name)
    same(os.listdir(), [])


@case("rmtree removes a tree")
def rmtree():
    for number in range(20):
        os.makedirs(f"t/{number}/x/y")
        write(f"t/{number}/x/f")
        os.symlink("f", f"t/{number}/x/l")
    shutil.rmtree("t")
    same(os.listdir(), [])


@case("two listings at once do not disturb each other")
def two():
    fill(1500)
    first, second = os.scandir(), os.scandir()
    names = ([], [])
    for one, other in zip(first, second):
        names[0].append(one.name)
        names[1].append(other.name)
    same(len(set(names[0])), 1500, "names in the first")
    same(len(set(names[1])), 1500, "names in the second")


@case("a new listing shows what changed since the last one")
def again():
    for number in range(50):
        write(f"f{number}", b"")
        same(len(os.listdir()), number + 1, "entries")
    for number in range(50):
        os.unlink(f"f{number}")
        same(len(os.listdir()), 49 - number, "entries")


@case("what another process makes is listed at once")
def other_process():
    in_child(lambda: [write(f"f{n}", b"") for n in range(100)] and None)
    same(len(os.listdir()), 100, "entries")
    in_child(lambda: [os.unlink(f"f{n}") for n in range(100)] and None)
    same(os.listdir(), [])


@case("a listing by descriptor can be taken twice")
def descriptor():
    write("f")
    fd = os.open(".", os.O_RDONLY)
    same(os.listdir(fd), ["f"])
    write("g")
    same(sorted(os.listdir(fd)), ["f", "g"])


@case("os.walk finds every file of a tree")
def walk():
    for number in range(100):
        os.makedirs(f"{number % 10}/{number}")
        write(f"{number % 10}/{number}/f")
    found = sum(len(files) for _, _, files in os.walk("."))
    same(found, 100, "files")
    holds(all(os.path.exists(f"{n % 10}/{n}/f") for n in range(100)), "a file is missing")
