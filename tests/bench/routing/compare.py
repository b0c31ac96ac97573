"""Plans the same instances with our planner, with OR-Tools, with VROOM and with vrp-pragmatic.

Needs: pip install ortools pyvroom numpy vrp-cli. Run from the repository: python3 tests/bench/routing/compare.py [JOBS…]
Each planner gets one thread and the same seconds of CPU time; every plan of the others is driven again here before it
counts. `ROUTING_MEASURE` names a binary of our own side that is built already.
"""

import datetime
import json
import math
import os
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


def by_vroom(made, seconds):
    import numpy
    import vroom

    table = numpy.array(legs(made["places"]), dtype=numpy.uint32)
    problem = vroom.Input()
    problem.set_durations_matrix("car", table)
    hours = vroom.TimeWindow(0, made["until"])
    costs = vroom.VehicleCosts(fixed=START)
    for number in range(made["vehicles"]):
        problem.add_vehicle(
            vroom.Vehicle(number, start=0, end=0, capacity=[made["boxes"]], time_window=hours, costs=costs)
        )
    for number, job in enumerate(made["jobs"]):
        steps = [
            vroom.ShipmentStep(
                number,
                entry["place"],
                default_service=entry["service"],
                time_windows=[vroom.TimeWindow(entry["from"], entry["until"])],
            )
            for entry in (job["pickup"], job["delivery"])
        ]
        problem.add_job(vroom.Shipment(*steps, amount=[job["boxes"]]))
    begun = cpu()
    # Its limit is one of wall time and it ends by itself; one thread, so that it cannot use more CPU than that.
    limit = datetime.timedelta(seconds=seconds)
    found = problem.solve(exploration_level=5, nb_threads=1, timeout=limit)
    used = cpu() - begun
    routes = {}
    for step in found.routes.to_dict("records"):
        if step["type"] in ("pickup", "delivery"):
            routes.setdefault(step["vehicle_id"], []).append((int(step["id"]), step["type"] == "delivery"))
    return list(routes.values()), used


def by_vrp(made, seconds):
    import vrp_cli

    def instant(units):
        return (datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=units)).isoformat() + "Z"

    def task(entry, boxes):
        times = [[instant(entry["from"]), instant(entry["until"])]]
        place = {"location": {"index": entry["place"]}, "duration": entry["service"], "times": times}
        return {"places": [place], "demand": [boxes]}

    jobs = [
        {
            "id": str(number),
            "pickups": [task(job["pickup"], job["boxes"])],
            "deliveries": [task(job["delivery"], job["boxes"])],
        }
        for number, job in enumerate(made["jobs"])
    ]
    depot = {"index": 0}
    vehicle = {
        "typeId": "van",
        "vehicleIds": [f"van-{number}" for number in range(made["vehicles"])],
        "profile": {"matrix": "car"},
        "costs": {"fixed": START, "distance": 1, "time": 0},
        "shifts": [
            {
                "start": {"earliest": instant(0), "location": depot},
                "end": {"latest": instant(made["until"]), "location": depot},
            }
        ],
        "capacity": [made["boxes"]],
    }
    problem = {"plan": {"jobs": jobs}, "fleet": {"vehicles": [vehicle], "profiles": [{"name": "car"}]}}
    flat = [leg for row in legs(made["places"]) for leg in row]
    matrix = {"profile": "car", "travelTimes": flat, "distances": flat}
    config = {
        "termination": {"maxTime": seconds},
        "environment": {"parallelism": {"numThreadPools": 1, "threadsPerPool": 1}},
    }
    begun = cpu()
    found = json.loads(
        vrp_cli.solve_pragmatic(problem=json.dumps(problem), matrices=[json.dumps(matrix)], config=json.dumps(config))
    )
    used = cpu() - begun
    routes = []
    for tour in found["tours"]:
        done = [activity for stop in tour["stops"] for activity in stop["activities"]]
        routes.append(
            [(int(one["jobId"]), one["type"] == "delivery") for one in done if one["type"] in ("pickup", "delivery")]
        )
    return routes, used


THEIRS = {"ortools": by_ortools, "vroom": by_vroom, "vrp": by_vrp}


def by_them(name, path, seconds):
    """One planner in a process of its own, so that its CPU time is its own."""
    command = [sys.executable, __file__, "--plan", name, path, str(seconds)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(ran.stdout.strip().splitlines()[-1])
    with open(path, encoding="utf-8") as file:
        made = json.load(file)
    routes = [[(job, delivers) for job, delivers in route] for route in answer["routes"]]
    distance, left = drive(made, routes)
    return {"routes": sum(1 for route in routes if route), "distance": distance, "left": left, "cpu": answer["cpu"]}


def by_us(path, seconds, *start):
    built = os.environ.get("ROUTING_MEASURE")
    command = [built] if built else ["cargo", "bench", "-q", "--bench", "routing", "--"]
    ran = subprocess.run([*command, path, str(seconds), *start], capture_output=True, text=True, check=True)
    answer = json.loads(ran.stdout.strip().splitlines()[-1])
    return {
        "routes": answer["routes"],
        "distance": answer["distance"] / SCALE,
        "left": answer["unassigned"],
        "cpu": answer["cpu_ms"] / 1000,
        "first": answer["first_plan_ms"],
    }


def verdict(ours, better):
    return f"{ours['routes'] - better['routes']:+d} routes, {ours['distance'] / max(better['distance'], 1):.3f}"


def cell(plan):
    return f"{plan['routes']} / {plan['distance']:.1f}, {plan['left']} left, {plan['cpu']:.1f} s"


def main():
    if sys.argv[1:2] == ["--plan"]:
        name, path, seconds = sys.argv[2:5]
        with open(path, encoding="utf-8") as file:
            routes, used = THEIRS[name](json.load(file), int(seconds))
        print(json.dumps({"routes": routes, "cpu": used}))
        return
    sizes = [int(size) for size in sys.argv[1:]] or [50, 500, 2000]
    print("| instance | planted | ours | OR-Tools | VROOM | vrp-pragmatic | ours / the better of OR-Tools and VROOM |")
    print("|---|---|---|---|---|---|---|")
    for jobs in sizes:
        for kind in ("C", "R"):
            made = instance.make(kind, jobs, "1")
            seconds = BUDGET.get(jobs, 10)
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(made, file)
                file.flush()
                ours = by_us(file.name, seconds)
                theirs = [by_them(name, file.name, seconds) for name in THEIRS]
            better = min(theirs[:2], key=lambda plan: (plan["left"], plan["routes"], plan["distance"]))
            planted = made["planted"]
            words = verdict(ours, better)
            if ours["routes"] < better["routes"] and ours["distance"] > 1.03 * better["distance"]:
                # Fewer routes may cost road: the same planner once more, with a start worth 250 km.
                with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                    json.dump(made, file)
                    file.flush()
                    words += "; with a start worth 250 km " + verdict(by_us(file.name, seconds, "250"), better)
            print(
                f"| {made['name']} | {planted['routes']} / {planted['distance']} | {cell(ours)} "
                f"| {' | '.join(cell(plan) for plan in theirs)} "
                f"| {words} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
