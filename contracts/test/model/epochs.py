#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The epoch machine against everybody who could misuse it, searched exhaustively.

The model is written from contracts/README.md, not from the Solidity. Developer, attributor and beneficiaries are one adversary, who
alone can prove moves and make receipts. Strangers deposit, close, demand and dissolve. Time is counted in steps and ages are
cut off beyond their windows, so there are finitely many states; every order of every action is tried from every one of them.

What has to hold:
 1. way out: money of an epoch that reached its minimum has one. Beyond the exit window strangers can dissolve, whatever
    was done, and no action of the adversary makes a clock younger.
 2. no free ride: with contributors who demand what is withheld there is no endless path that pays beneficiaries, time after time, and
    never answers them. Nor is any of them paid before the contributors of the same epoch, or within its exit window while a demand is
    overdue, when no further epoch closes either.
 3. shares: beyond the exit window after its epoch's close a beneficiary's share can be paid, whatever is demanded, and of whom.
 4. sybils: who is enrolled after the first epoch opened or the first deposit came, and did not score in the last final epoch, has no
    part in an exit.

There are two worlds, because one with everything in it has too many states. In the first the adversary enrols sybils; in the second it demands, of
itself, what it can answer: two such demands at a time, beside the contributors'.

That a minimum can be reached is taken for granted: strangers may deposit enough at any time. The rule behind it (a minimum at most doubles from one
epoch to the next) is about amounts, which this model has none of; test/LedgerAttacks.t.sol and the lock-step model have it.

Each rule that these rest on is then broken, one at a time: the search has to notice every one of them. If it did not, it would be blind.
"""

import sys
from collections import namedtuple

OPEN, SETTLE, DEMAND, EXIT = 1, 1, 1, 3  # EXIT >= OPEN + a notice of at least OPEN + SETTLE
NONE, HONEST, SYBIL, GARBAGE = range(4)  # commitments; SYBIL lists the adversary's own records too
NEVER = -1
NOBODY, OPENLY, COUNTED, LATE = range(4)  # sybils: enrolled for all to see; later and counted, by a wrong rule; later

# `own` has the ages of the adversary's demands of itself; `shares` the age of the oldest share that was not paid, since its epoch's close.
State = namedtuple(
    "State",
    "opened deposited final reached commit closed idle closed_commit moved demand own answered shares sybil listed",
)
START = State(False, False, False, NEVER, NONE, NEVER, 0, NONE, False, NEVER, (), True, NEVER, NOBODY, False)

# Whether there are sybils, and how many demands the adversary makes of itself.
World = namedtuple("World", "sybils own")
WORLDS = (World(True, 0), World(False, 2))

RULES = {
    "an attempt does not restart the exit clock",
    "a close needs scores",
    "a close needs the minimum",
    "a final epoch before the next close",
    "no share is paid while a demand is overdue",
    "an overdue demand holds a share no longer than its exit window",
    "nothing closes while a demand is overdue",
    "shares are of final epochs only",
    "a pool's clock runs while it is open",
    "an overdue demand ends the model",
    "the exit counts who was there",
    "who was there is fixed by the opening",
    "nobody deposits before the opening",
    "only an answer closes a demand",
}


def grow(age, cap):
    return age if age == NEVER else min(age + 1, cap)


def oldest(s):
    return max(s.own + (s.demand,))


def overdue(s):
    return oldest(s) > DEMAND


def stalled(s, rules):
    """Whether strangers can dissolve."""
    pool = s.reached > EXIT and "a pool's clock runs while it is open" in rules
    demand = oldest(s) > DEMAND + EXIT and "an overdue demand ends the model" in rules
    return pool or s.closed > EXIT or demand


def can_close(s, rules):
    ok = s.deposited
    ok &= s.commit != NONE or "a close needs scores" not in rules
    ok &= s.reached != NEVER or "a close needs the minimum" not in rules
    ok &= s.closed == NEVER or "a final epoch before the next close" not in rules
    ok &= not overdue(s) or "nothing closes while a demand is overdue" not in rules
    return ok


def close(s, rules):
    early = "shares are of final epochs only" not in rules or s.commit == NONE
    return s._replace(
        reached=NEVER,
        commit=NONE,
        closed=0,
        idle=0,
        closed_commit=s.commit,
        moved=False,
        shares=max(s.shares, 0) if early else s.shares,
    )


def can_pay(s, rules):
    if s.shares == NEVER:
        return False
    over = s.shares > EXIT and "an overdue demand holds a share no longer than its exit window" in rules
    return not overdue(s) or over or "no share is paid while a demand is overdue" not in rules


def enroll_sybils(s, rules):
    if not s.opened and not s.deposited:
        return s._replace(sybil=OPENLY)
    fixed = s.opened if "who was there is fixed by the opening" in rules else s.deposited
    return s._replace(sybil=LATE if fixed else COUNTED)


def adversary(s, rules, world):
    kinds = [HONEST, GARBAGE] + ([SYBIL] if s.sybil else [])
    if not s.opened:
        yield "open", s._replace(opened=True)
    if s.deposited:
        for kind in kinds:
            yield "commit", s._replace(commit=kind)
    if s.closed != NEVER and s.idle > SETTLE:
        age = s.closed if "an attempt does not restart the exit clock" in rules else 0
        for kind in kinds:
            yield "attempt", s._replace(closed=age, idle=0, closed_commit=kind, moved=False)
    if can_close(s, rules):
        yield "close", close(s, rules)
    if s.closed != NEVER and s.closed_commit in (HONEST, SYBIL):
        if not s.moved:
            yield "move", s._replace(moved=True, idle=0)
        yield "settle", s._replace(
            final=True,
            closed=NEVER,
            idle=0,
            closed_commit=NONE,
            moved=False,
            answered=False,
            shares=max(s.shares, s.closed),
            listed=s.closed_commit == SYBIL,
        )
    if can_pay(s, rules):
        yield "pay", s._replace(shares=NEVER)
    if s.demand != NEVER:
        yield "answer", s._replace(demand=NEVER, answered=True)
        if "only an answer closes a demand" not in rules:
            yield "shake off", s._replace(demand=NEVER)
    if s.final and len(s.own) < world.own:
        yield "demand of itself", s._replace(own=s.own + (0,))
    for i in range(len(s.own)):
        yield "answer itself", s._replace(own=s.own[:i] + s.own[i + 1 :])
    if world.sybils and not s.sybil:
        yield "enroll sybils", enroll_sybils(s, rules)


def strangers(s, rules):
    if s.opened or "nobody deposits before the opening" not in rules:
        yield "deposit a little", s._replace(deposited=True)
        if s.reached == NEVER:
            yield "deposit enough", s._replace(deposited=True, reached=0)
    if can_close(s, rules) and s.reached > OPEN:
        yield "close", close(s, rules)


def eager(s):
    """What contributors do before time passes."""
    if s.final and not s.answered and s.demand == NEVER:
        return s._replace(demand=0)
    return None


def tick(s):
    return s._replace(
        reached=grow(s.reached, EXIT + 1),
        closed=grow(s.closed, EXIT + 1),
        idle=min(s.idle + 1, SETTLE + 1) if s.closed != NEVER else 0,
        demand=grow(s.demand, DEMAND + EXIT + 1),
        own=tuple(grow(age, DEMAND + EXIT + 1) for age in s.own),
        shares=grow(s.shares, EXIT + 1),
    )


def sybil_part(s, rules):
    """Whether an exit would pay the adversary's own records."""
    if "the exit counts who was there" not in rules:
        return s.sybil != NOBODY
    return s.listed if s.final else s.sybil in (OPENLY, COUNTED)


def search(rules, world):
    """What is wrong with a world, and how many states it has."""
    edges, todo, faults = {}, [START], set()
    while todo:
        s = todo.pop()
        if s in edges:
            continue
        out = list(adversary(s, rules, world)) + list(strangers(s, rules))
        if s.sybil in (COUNTED, LATE) and not (s.final and s.listed) and sybil_part(s, rules):
            faults.add("sybils")
        for label, t in out:
            # The money that waits must not get younger, but by becoming final.
            if label not in ("settle", "close") and (t.closed < s.closed or t.reached < s.reached):
                faults.add("way out")
            if label == "close" and s.closed != NEVER:
                faults.add("way out")  # a pool is overwritten before it is final
            if label == "close" and (t.shares > s.shares or overdue(s)):
                faults.add("free ride")
            if label == "pay" and overdue(s) and s.shares <= EXIT:
                faults.add("free ride")
            if label == "close" and s.reached == NEVER:
                faults.add("dust")
        waits = (s.closed > EXIT or s.reached > EXIT) or oldest(s) > DEMAND + EXIT
        if waits and not stalled(s, rules):
            faults.add("way out")
        # A dissolved model's shares are held by nothing.
        if s.shares > EXIT and not can_pay(s, rules) and not stalled(s, rules):
            faults.add("shares")
        # Money that was closed below the minimum, or without scores, is no epoch's that anybody earned.
        if s.closed != NEVER and s.closed_commit == NONE:
            faults.add("free ride")
        if stalled(s, rules):
            pass  # strangers dissolve before time passes
        elif eager(s) is not None:
            out.append(("demand", eager(s)))
        else:
            out.append(("tick", tick(s)))
        edges[s] = out
        todo += [t for _, t in out if t not in edges]
    if rides_free(edges):
        faults.add("free ride")
    return faults, len(edges)


def rides_free(edges):
    """Whether time can pass for ever while beneficiaries are paid again and again and contributors are not answered: a strongly connected part
    with both inside. In no time at all there may be any number of epochs; each takes its payer's money."""
    forward = {s: [t for label, t in out if label != "answer"] for s, out in edges.items()}
    part = components(forward)
    inside = {label: set() for label in ("pay", "tick")}
    for s, out in edges.items():
        for label, t in out:
            if label in inside and part[s] == part[t]:
                inside[label].add(part[s])
    return bool(inside["pay"] & inside["tick"])


def components(graph):
    """Tarjan's algorithm, without recursion."""
    index, low, on, stack, part, count = {}, {}, set(), [], {}, 0
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        while work:
            node, children = work[-1]
            for child in children:
                if child not in index:
                    index[child] = low[child] = len(index)
                    stack.append(child)
                    on.add(child)
                    work.append((child, iter(graph[child])))
                    break
                if child in on:
                    low[node] = min(low[node], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    count += 1
                    while True:
                        member = stack.pop()
                        on.discard(member)
                        part[member] = count
                        if member == node:
                            break
    return part


def search_all(rules):
    found = [search(rules, world) for world in WORLDS]
    return set().union(*(faults for faults, _ in found)), [states for _, states in found]


def main():
    faults, states = search_all(RULES)
    print(f"{' and '.join(f'{n:,}' for n in states)} states, every order of every action: {sorted(faults) or 'no fault'}")
    failed = bool(faults)
    for rule in sorted(RULES):
        found, _ = search_all(RULES - {rule})
        print(f"  without '{rule}': {', '.join(sorted(found)) or 'NOTHING FOUND'}")
        failed |= not found
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
