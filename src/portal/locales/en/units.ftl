# Amounts, times and what is left of them.

unit-ml = { $ml } mL
unit-bottles =
    { $n ->
        [one] { $n } bottle
       *[other] { $n } bottles
    }
unit-bottles-of =
    { $n ->
        [one] { $n } bottle of { $ml } mL
       *[other] { $n } bottles of { $ml } mL
    }
span-minutes = { $m } min
span-hours = { $h } h
span-hours-minutes = { $h } h { $m } min
span-days = { $d } d
span-days-hours = { $d } d { $h } h
due-left = { $span } left
due-over = { $span } overdue
due-ago = { $span } ago
moment-today = { $time } today
moment-day = { $day }, { $time }
expiry-good = In date
expiry-soon = Soon
expiry-last = Last day
expiry-dead = Expired
tier-spoken = Urgency tier
unit-g = g
unit-day = day
unit-days = days
unit-ml-a-day = mL a day
unit-ml-kg-day = mL/kg a day
unit-g-per-dl = g/dL
unit-kcal-per-dl = kcal/dL
