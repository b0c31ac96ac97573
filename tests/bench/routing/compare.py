"""Plans the same instances with our planner, with OR-Tools and, where it is installed, with VROOM.

Needs: pip install ortools (and pyvroom). Run from the repository: python3 tests/bench/routing/compare.py [JOBS…]
Each planner gets the same seconds of CPU time; every plan of the others is driven again here before it counts.
"""

import json
import math
import resource
import subprocess
import sys
import tempfile

import instance

SCALE = instance.SCALE
START = 10**9
BUDGET = {50: 5, 500: 20, 2000: 60}


def legs(places):
    return [[math.isqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) for b in places] for a in places]


def drive(made, routes):
    """Distance of routes, as lists of (job, delivers); fails on anything that does not hold."""
    table, total, seen = legs(made["places"]), 0, set()
    for route in filter(None, routes):
        now, here, aboard = 0, 0, set()
        for job, delivers in route:
            entry = made["jobs"][job]["delivery" if delivers else "pickup"]
            step = table[here][entry["place"]]
            total += step
            now = max(now + step, entry["from"])
            assert now <= entry["until"], "late"
            if delivers:
                aboard.remove(job)
                seen.add(job)
            else:
                aboard.add(job)
                assert len(aboard) <= made["boxes"], "full"
            now += entry["service"]
            here = entry["place"]
        assert not aboard
        total += table[here][0]
    return total / SCALE, len(made["jobs"]) - len(seen)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def by_ortools(made, seconds):
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    table, jobs, count = legs(made["places"]), made["jobs"], made["vehicles"]
    manager = pywrapcp.RoutingIndexManager(len(made["places"]), count, 0)
    routing = pywrapcp.RoutingModel(manager)
    service, demand, window, meaning = {}, {}, {}, {}
    for number, job in enumerate(jobs):
        for name, sign in (("pickup", 1), ("delivery", -1)):
            entry = job[name]
            place = entry["place"]
            service[place] = entry["service"]
            demand[place] = sign * job["boxes"]
            window[place] = (entry["from"], entry["until"])
            meaning[place] = (number, name == "delivery")
    node = manager.IndexToNode
    road = routing.RegisterTransitCallback(lambda a, b: table[node(a)][node(b)])
    time = routing.RegisterTransitCallback(lambda a, b: table[node(a)][node(b)] + service.get(node(a), 0))
    load = routing.RegisterUnaryTransitCallback(lambda a: demand.get(node(a), 0))
    routing.SetArcCostEvaluatorOfAllVehicles(road)
    routing.SetFixedCostOfAllVehicles(START)
    horizon = made["until"]
    routing.AddDimension(time, horizon, horizon, False, "time")
    routing.AddDimensionWithVehicleCapacity(load, 0, [made["boxes"]] * count, True, "load")
    clock, solver = routing.GetDimensionOrDie("time"), routing.solver()
    for place, (begin, end) in window.items():
        clock.CumulVar(manager.NodeToIndex(place)).SetRange(begin, end)
    for job in jobs:
        a = manager.NodeToIndex(job["pickup"]["place"])
        b = manager.NodeToIndex(job["delivery"]["place"])
        routing.AddPickupAndDelivery(a, b)
        solver.Add(routing.VehicleVar(a) == routing.VehicleVar(b))
        solver.Add(clock.CumulVar(a) <= clock.CumulVar(b))
        routing.AddDisjunction([a, b], 10**12, 2)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.seconds = 20 * seconds
    begun = cpu()
    # The limit is one of CPU time, whatever else this machine does.
    monitor = solver.CustomLimit(lambda: cpu() - begun > seconds)
    routing.AddSearchMonitor(monitor)
    found = routing.SolveWithParameters(parameters)
    used = cpu() - begun
    routes = []
    for vehicle in range(count if found else 0):
        at, route = routing.Start(vehicle), []
        while not routing.IsEnd(at):
            if node(at) in meaning:
                route.append(meaning[node(at)])
            at = found.Value(routing.NextVar(at))
        routes.append(route)
    return routes, used


def by_us(path, seconds):
    command = ["cargo", "bench", "-q", "--bench", "routing", "--", path, str(seconds)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout.strip().splitlines()[-1])


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [50, 500, 2000]
    print("| instance | planted | ours | OR-Tools | ours / theirs |")
    print("|---|---|---|---|---|")
    for jobs in sizes:
        for kind in ("C", "R"):
            made = instance.make(kind, jobs, "1")
            seconds = BUDGET.get(jobs, 10)
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(made, file)
                file.flush()
                ours = by_us(file.name, seconds)
            routes, used = by_ortools(made, seconds)
            distance, left = drive(made, routes)
            count = sum(1 for route in routes if route)
            planted = made["planted"]
            print(
                f"| {made['name']} | {planted['routes']} / {planted['distance']} "
                f"| {ours['routes']} / {ours['distance'] / SCALE:.1f}, {ours['unassigned']} left, {ours['cpu_ms'] / 1000:.1f} s "
                f"| {count} / {distance:.1f}, {left} left, {used:.1f} s | {ours['distance'] / SCALE / max(distance, 1):.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
