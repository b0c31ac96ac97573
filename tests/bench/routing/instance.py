"""Makes pickup-and-delivery instances with a planted solution, clustered (C) or scattered (R), as JSON.

A planted route visits six pairs; each window holds the planted time with some room, so that the planted solution is
feasible and serves as a yardstick. Coordinates are metres in a square of 100 km; a metre takes a unit of time. All
figures are whole numbers, so that every planner sees the same roads.
"""

import json
import math
import random
import sys

PAIRS_A_ROUTE = 6
HORIZON = 1400
SCALE = 1000


def road(a, b):
    return math.hypot(a[0] - b[0], a[1] - b[1])


def make(kind, jobs, seed):
    rng = random.Random(f"{kind}-{jobs}-{seed}")
    depot = (50.0, 50.0)
    places, made = [depot], []
    routes = -(-jobs // PAIRS_A_ROUTE)
    service = 90 if kind == "C" else 10
    half = 30 if kind == "C" else 40
    planted = 0.0
    while len(made) < jobs:
        count = min(PAIRS_A_ROUTE, jobs - len(made))
        centre = (rng.uniform(10, 90), rng.uniform(10, 90))

        def point():
            if kind == "C":
                return (centre[0] + rng.gauss(0, 2), centre[1] + rng.gauss(0, 2))
            return (rng.uniform(0, 100), rng.uniform(0, 100))

        service_here = service if kind == "R" else max(5, min(service, int(1000 / (2 * count)) - 5))
        pairs = [(point(), point()) for _ in range(count)]
        order, waiting, aboard = [], list(range(count)), []
        while waiting or aboard:
            if waiting and (not aboard or rng.random() < 0.55) and len(aboard) < 4:
                one = waiting.pop()
                order.append((one, False))
                aboard.append(one)
            else:
                order.append((aboard.pop(rng.randrange(len(aboard))), True))
        now, here, times = 0.0, depot, {}
        for one, delivers in order:
            there = pairs[one][1 if delivers else 0]
            planted += road(here, there)
            now += road(here, there)
            times[(one, delivers)] = now
            now, here = now + service_here, there
        planted += road(here, depot)
        room = half if kind == "C" else rng.randint(20, 40)
        for one in range(count):
            entry = {}
            for name, delivers in (("pickup", False), ("delivery", True)):
                at = times[(one, delivers)]
                places.append(pairs[one][1 if delivers else 0])
                entry[name] = {
                    "place": len(places) - 1,
                    "from": max(0, math.floor(SCALE * (at - room))),
                    "until": math.ceil(SCALE * (at + room)),
                    "service": SCALE * service_here,
                }
            entry["boxes"] = 1
            made.append(entry)
    return {
        "name": f"{kind}{jobs}",
        "places": [[round(SCALE * x), round(SCALE * y)] for x, y in places],
        "jobs": made,
        "vehicles": 2 * routes,
        "boxes": 5,
        "until": 2 * HORIZON * SCALE,
        "planted": {"routes": routes, "distance": round(planted, 1)},
    }


if __name__ == "__main__":
    kind, jobs, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "1"
    json.dump(make(kind, jobs, seed), sys.stdout)
