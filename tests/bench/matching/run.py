#!/usr/bin/env python3
"""The planner beside OR-Tools on the same instances, in the same run, one thread each, processor time.

    run.py --judge FOLDER [--measure BINARY] [--sizes 50x30,500x300] [--seeds 5] [--rules-seeds 5]

FOLDER holds gen_instances.py and optimum.py, which share no code with us; needs `pip install ortools numpy`.
BINARY is the `matching` bench (`cargo bench --bench matching --no-run` prints where it lies).
--command BINARY is `milkbridge`, for the rules that no flow can hold.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

REFERENCE = """
import json, resource, sys, time
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import numpy as np, optimum
from ortools.graph.python import max_flow, min_cost_flow
model = optimum.Model(optimum.load(sys.argv[2]))
began = time.process_time()
answer = model.solve_flow()
in_steps = (time.process_time() - began) * 1000
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
# The same in one min-cost flow: a weight per tier that outdoes any chain of swaps.
tail, head, cap, cost = model._base_arcs()
*_, tiers, sink = model._net()
weight = 1 + 2 * (min(len(model.I["lots"]), len(model.I["requests"])) + 1) * (int(model.ac.max(initial=0)) + 1)
total = int((model.vol // int(model.ml[0])).sum())
four = np.arange(4)
began = time.process_time()
flow = min_cost_flow.SimpleMinCostFlow()
flow.add_arcs_with_capacity_and_unit_cost(
    np.concatenate([tail, tiers + four, [0]]), np.concatenate([head, np.full(4, sink), [sink]]),
    np.concatenate([cap, np.full(5, total)]), np.concatenate([cost, -(4 - four) * weight, [0]]))
flow.set_node_supply(0, total)
flow.set_node_supply(sink, -total)
assert flow.solve() == flow.OPTIMAL
at_once = (time.process_time() - began) * 1000
print(json.dumps({"served_ml": {k: int(v) for k, v in answer["served_ml"].items()}, "cost": int(answer["cost"]),
                  "solve_ms": min(in_steps, at_once), "peak_kb": peak_kb}))
"""
REPEATS = {"12x8": 400, "50x30": 400, "500x300": 40, "5000x3000": 2, "50000x30000": 1}
SEEDS = {"50000x30000": 1, "5000x3000": 3}


def told(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def flows(a, generator, folder):
    print("| lots x requests | seeds | eligible pairs | equal | OR-Tools ms | ours ms | ratio | OR-Tools MB | ours MB | ratio"
          " | warm p50 / p95 / max ms |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for size in a.sizes.split(","):
        lots, requests = map(int, size.split("x"))
        rows, warm = [], []
        for seed in range(1, min(a.seeds, SEEDS.get(size, a.seeds)) + 1):
            path = os.path.join(folder, "instance.json")
            with open(path, "w") as file:
                json.dump(generator.gen(lots, requests, seed), file)
            theirs = told(sys.executable, "-c", REFERENCE, a.judge, path)
            changes = a.changes if lots <= 5000 else 0
            ours = told(a.measure, path, str(REPEATS.get(size, 5)), str(changes))
            equal = list(theirs["served_ml"].values()) == ours["served_ml"] and theirs["cost"] == ours["cost"]
            rows.append((ours["pairs"], equal, theirs["solve_ms"], ours["plan_ms"], theirs["peak_kb"], ours["peak_kb"]))
            warm += ours["warm_ms"] or []
        mid = lambda i: statistics.median(row[i] for row in rows)
        warm.sort()
        shown = f"{warm[len(warm) // 2]:.2f} / {warm[len(warm) * 95 // 100]:.2f} / {warm[-1]:.2f}" if warm else ""
        print(f"| {size} | {len(rows)} | {mid(0):,.0f} | {sum(row[1] for row in rows)}/{len(rows)} | {mid(2):,.1f} "
              f"| {mid(3):,.2f} | {mid(2) / mid(3):.1f} | {mid(4) / 1024:,.0f} | {mid(5) / 1024:,.0f} "
              f"| {mid(5) / mid(4):.2f} | {shown} |", flush=True)


def bounded(a, generator, judge, folder):
    print("\n| rules | bottles | lots x requests | seeds | feasible | service proven | served / bound | cost gap |")
    print("|---|---|---|---|---|---|---|---|")
    for size in a.rules_sizes.split(","):
        lots, requests = map(int, size.split("x"))
        for rules in ("flow", "lots", "fill", "fixed", "all"):
            if a.rules and rules not in a.rules.split(","):
                continue
            for bottles in ("uniform", "mixed"):
                feasible = proven = served = bound = 0
                gaps = []
                for seed in range(1, a.rules_seeds + 1):
                    instance = generator.gen(lots, requests, seed, rules, bottles)
                    path, answer = os.path.join(folder, "instance.json"), os.path.join(folder, "answer.json")
                    with open(path, "w") as file:
                        json.dump(instance, file)
                    limits = ["--time-limit", str(a.seconds)] if a.seconds else ["--rounds", str(a.rounds),
                                                                                 "--time-limit", "3600"]
                    subprocess.run([a.command, "match", path, "--output", answer, *limits], check=True)
                    with open(answer) as file:
                        plan = json.load(file)
                    feasible += judge.check(instance, plan)["feasible"]
                    proven += not any(plan["gap"]["served_ml"].values())
                    served += sum(plan["served_ml"].values())
                    bound += sum(plan["served_ml"].values()) + max(0, sum(plan["gap"]["served_ml"].values()))
                    gaps.append(plan["gap"]["cost"] / plan["cost"] if plan["cost"] else 0)
                print(f"| {rules} | {bottles} | {size} | {a.rules_seeds} | {feasible}/{a.rules_seeds} "
                      f"| {proven}/{a.rules_seeds} | {served / bound:.4f} | {statistics.median(gaps):.1%} |", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--judge", required=True)
    p.add_argument("--measure")
    p.add_argument("--command")
    p.add_argument("--sizes", default="50x30,500x300,5000x3000,50000x30000")
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--changes", type=int, default=60)
    p.add_argument("--rules-sizes", default="50x30")
    p.add_argument("--rules-seeds", type=int, default=5)
    p.add_argument("--rounds", type=int, default=20000)
    p.add_argument("--seconds", type=float, help="a limit in seconds instead of rounds")
    p.add_argument("--rules", help="only these rule sets, e.g. all")
    a = p.parse_args()
    sys.dont_write_bytecode = True
    sys.path.insert(0, a.judge)
    import gen_instances, optimum
    with tempfile.TemporaryDirectory() as folder:
        if a.measure:
            flows(a, gen_instances, folder)
        if a.command:
            bounded(a, gen_instances, optimum, folder)


if __name__ == "__main__":
    main()
