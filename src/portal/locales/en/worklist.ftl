# Home: what is due next.

worklist-title = Worklist
worklist-urgent =
    { $n ->
        [one] One thing needs you within the hour.
       *[other] { $n } things need you within the hour.
    }
worklist-request-milk = Request milk
worklist-to-board = Surplus board
worklist-show = Show
worklist-all = All
worklist-chip-offers = To answer
worklist-chip-requests = Waiting
worklist-chip-pack = To pack
worklist-chip-receive = To receive
worklist-chip-alarms = Alarms
worklist-chip-recalls = Recalls
worklist-chip-expiring = Expiring
worklist-chip-release = To release
worklist-kind-offers = Offer to answer
worklist-kind-requests = Waiting for milk
worklist-kind-pack = To pack
worklist-kind-receive = To receive
worklist-kind-alarms = Alarm
worklist-kind-recalls = Recall
worklist-kind-expiring = Expiring
worklist-kind-release = To release
worklist-go-offers = Review offer
worklist-go-requests = See why
worklist-go-pack = Start packing
worklist-go-receive = Check in
worklist-go-alarms = Open alarm
worklist-go-recalls = Answer
worklist-go-expiring = See lot
worklist-go-release = See lot
worklist-go-look = Look
worklist-go-decide = See evidence
worklist-band-now = Now
worklist-band-today = Today
worklist-band-week = Next 7 days
worklist-band-later = Later
worklist-band-now-until = within the hour
worklist-band-today-until = before midnight
worklist-band-week-until = by { $day }
worklist-band-later-until = when there is time
worklist-offer = Send { $ml } mL to { $site }
worklist-offer-meta = { $bottles }. Needed by { $when }.
worklist-answer-by = Answer by { $when }
worklist-request = { $ml } mL for { $infant } not yet promised
worklist-request-ward = { $ml } mL for the ward’s stock not yet promised
worklist-request-meta = { $asked } mL asked, { $promised } mL promised.
worklist-why-not-yet = The hub has not looked yet.
worklist-why-offered = An offer waits for its bank’s answer.
worklist-why-nothing = No published milk passes the rules of this request.
worklist-why-short = The milk that passes is not enough for all.
worklist-needed-by = Needed by { $when }
worklist-pack =
    { $n ->
        [one] Pack one bottle for { $site }
       *[other] Pack { $n } bottles for { $site }
    }
worklist-hand-over =
    { $n ->
        [one] Hand over one bottle for { $site }
       *[other] Hand over { $n } bottles for { $site }
    }
worklist-collected-by = Collection at { $when }
worklist-receive =
    { $n ->
        [one] Check in one bottle from { $site }
       *[other] Check in { $n } bottles from { $site }
    }
worklist-on-the-way =
    { $n ->
        [one] On its way: one bottle from { $site }
       *[other] On their way: { $n } bottles from { $site }
    }
worklist-take-back =
    { $n ->
        [one] Take back one bottle that could not be delivered to { $site }
       *[other] Take back { $n } bottles that could not be delivered to { $site }
    }
worklist-hold-until = The box holds until { $when }
worklist-delivered-by = Arrives at { $when }
worklist-journey-meta = { $ml } mL in the box.
worklist-alarm-warm = Too warm on the way from { $site }
worklist-alarm-spike = Temperature jumped on the way from { $site }
worklist-alarm-gap = Logger had a gap on the way from { $site }
worklist-alarm-silent = Logger silent on the way from { $site }
worklist-alarm-seal = Wrong seal on the box from { $site }
worklist-alarm-since = Since { $when }.
worklist-alarm-peak = Warmest { $peak } °C.
worklist-alarm-above = { $span } above the limit.
worklist-recall = Answer the recall of { $site }
worklist-recall-meta = Reason: { $reason }
worklist-expiring = { $ml } mL of lot { $lot } expire
worklist-expiring-meta =
    { $n ->
        [one] { $n } bottle of { $ml } mL, not promised.
       *[other] { $n } bottles of { $ml } mL, not promised.
    }
worklist-expires-at = Expires { $when }
worklist-release = Decide on the release of lot { $lot }
worklist-release-meta = { $ml } mL in quarantine, expires { $date }.
worklist-empty-title = Nothing waits
worklist-empty = Offers, boxes and alarms appear here as soon as they need a hand.
worklist-stock = Stock
worklist-stock-free = Released and free
worklist-stock-promised = Held for a request
worklist-stock-apart = Set apart
worklist-stock-expiring = { $ml } mL expire within 7 days.

worklist-plan =
    { $n ->
        [one] Plan the journey of { $n } promised bottle to { $site }
       *[other] Plan the journey of { $n } promised bottles to { $site }
    }
worklist-go-plan = Plan the journey
worklist-lapses-by = Promise lapses { $when }
worklist-cover =
    { $n ->
        [one] day of cover
       *[other] days of cover
    }
worklist-collections = Next collections
