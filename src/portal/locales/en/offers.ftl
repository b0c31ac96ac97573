# An offer: what is proposed, why, and the answer.

offer-crumb = Offer
offer-title = Send { $ml } mL to { $site }?
offer-sub =
    { $bottles ->
        [one] One bottle, needed by { $when }
       *[other] { $bottles } bottles, needed by { $when }
    }
offer-proposed =
    { $n ->
        [one] Proposed: one lot
       *[other] Proposed: { $n } lots
    }
offer-lot = Lot
offer-takes = Takes
offer-protein-label = Protein
offer-protein = { $protein } g/dL
offer-expires = Expires
offer-why-full = In full. All { $ml } mL that are asked for are covered.
offer-why-short = In part. Of { $wanted } mL asked for, { $ml } mL are lacking everywhere.
offer-why-time = In time. It is needed in { $span }.
offer-why-runner-up =
    { $points ->
        [one] Next best milk: { $points } point worse for each bottle.
       *[other] Next best milk: { $points } points worse for each bottle.
    }
offer-why-displaces = One more bottle would take it from a request of tier { $tier }.
offer-why-nobody-loses = Nobody else loses by it.
offer-why-lots = { $n } lots to pick from the freezer.
offer-why-not = Why not another lot
offer-eligible = lots on the board could serve it
offer-chosen = chosen here
offer-failed = Rules that other lots failed
offer-failed-lots = How many
offer-failed-rule = Rule
offer-lots =
    { $n ->
        [one] { $n } lot
       *[other] { $n } lots
    }
offer-tiers-first = The more urgent tier is always served first, whatever the points. Points only order plans that serve the tiers equally.
offer-answer = Your answer
offer-answer-by = Answer by { $when }
offer-accept = Accept and reserve
offer-accept-means = Accepting holds these bottles for some hours: plan their journey before the promise lapses.
offer-decline = Decline with a reason
offer-decline-reason = Reason
offer-decline-note = Note
offer-decline-note-hint = No names of donors or infants
offer-decline-go = Decline
offer-choose-reason = Choose a reason
offer-other-needs-note = Say the other reason here
offer-not-declined = The offer was not declined
offer-not-yours = The site that holds the milk answers.
offer-decided = { $state } { $when } by { $by }
offer-by-rule = the site’s standing rule
offer-by-other = another system or the hub
offer-changed-title = Changed while you were looking
offer-changed-happened = Your answer was not saved.
offer-changed-otherwise = Look at the offer as it is now.
offer-against = Against the runner-up
offer-is-chosen = Chosen
offer-is-runner-up = Runner-up
offer-donors = Donors
offer-points = Points worse for each bottle
offer-see-journey = See the journey
