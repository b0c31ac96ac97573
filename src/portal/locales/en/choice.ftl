# Choosing otherwise than the hub planned.
choice-title = Choose otherwise
choice-request = Request
choice-sub = A lot of the board instead of what waits. See its price first; your reason is kept with it. Safety rules stay.
choice-price = What lot { $lot } would change
choice-refused = A rule is against it; it cannot be chosen.
choice-points = Points worse than the plan: { $points }.
choice-not-exact = The price is an estimate.
choice-bottles = Bottles
choice-reason = Why
choice-reason-hint = Kept for good; no names
choice-go = Ask for this lot
choice-nothing-chosen = Nothing was chosen
choice-lots = Lots on the board
choice-empty-title = Nothing is on the board
choice-empty = As soon as a bank publishes surplus, it stands here.
done-choice-made = It is offered to its bank, with your reason. What waited before is taken back.
