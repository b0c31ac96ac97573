# Amounts, times and what is left of them.

unit-ml = { $ml } mL
unit-bottles =
    { $n ->
        [one] { $n } flacon
       *[other] { $n } flacons
    }
unit-bottles-of =
    { $n ->
        [one] { $n } flacon de { $ml } mL
       *[other] { $n } flacons de { $ml } mL
    }
span-minutes = { $m } min
span-hours = { $h } h
span-hours-minutes = { $h } h { $m } min
span-days = { $d } j
span-days-hours = { $d } j { $h } h
due-left = reste { $span }
due-over = en retard de { $span }
due-ago = il y a { $span }
moment-today = { $time } aujourd’hui
moment-day = { $day }, { $time }
expiry-good = Valide
expiry-soon = Bientôt
expiry-last = Dernier jour
expiry-dead = Périmé
tier-spoken = Niveau d’urgence
unit-g = g
unit-day = jour
unit-days = jours
unit-ml-a-day = mL par jour
unit-ml-kg-day = mL/kg par jour
unit-g-per-dl = g/dL
unit-kcal-per-dl = kcal/dL
