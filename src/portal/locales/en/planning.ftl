# Planning everything that is open at once.
planning-all = Plan all open
planning-title = Planning
planning-is-queued = Waits for its turn
planning-is-running = Planning
planning-is-done = Planned
planning-is-cancelled = Stopped; the best plan until then is kept
planning-is-failed = It could not be planned. Nothing was changed
planning-stopping = Stopping
planning-progress = Progress
planning-routes = Routes
planning-left-out = Boxes left out
planning-to-board = To the board
planning-look = Look again
planning-stop = Stop, and keep the best plan
planning-note = You may leave this page; the planning goes on.
