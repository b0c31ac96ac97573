# The board: milk that others offer now.

board-title = Surplus board
board-sub =
    { $n ->
        [one] { $ml } mL in one line, soonest expiry first.
       *[other] { $ml } mL in { $n } lines, soonest expiry first.
    }
board-filter = Filter the board
board-show = Show
board-any = Any
board-protein-from = Protein from
board-milk = Milk
board-donors-label = Donors
board-up-to-donors =
    { $n ->
        [one] Single donor
       *[other] Up to { $n }
    }
board-donors =
    { $n ->
        [one] { $n } donor
       *[other] { $n } donors
    }
board-dairy = Dairy
board-dairy-free = Dairy-free
board-no-analysis = Not analysed
board-bank = Bank and lot
board-volume = Volume
board-analysis = Protein and donors
board-expires = Expires
board-own = Your own
board-empty-title = No milk on the board
board-empty = Send a request all the same: the hub matches it as soon as a bank publishes.
board-empty-filtered = Nothing fits these filters.
board-no-filter = Show all
board-how = Nobody takes bottles from the board by hand: send a request, and the hub finds the milk that passes both sites’ rules.
