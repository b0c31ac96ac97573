# Journeys of milk: list, one journey, its plan, its waybill, its excursions.

nav-transfers = Transfers
transfers-title = Transfers
transfers-open = Under way
transfers-plan = Plan a transfer
transfers-empty-title = No transfer here
transfers-empty = When an offer is accepted, its milk waits to be planned for a journey.
transfer-is-planned = Planned
transfer-is-packed = Packed
transfer-is-collected = Collected
transfer-is-in-transit = On the road
transfer-is-delivered = Delivered
transfer-is-received = Received
transfer-is-received-with-discrepancies = Received, something differs
transfer-is-rejected = Not taken
transfer-is-cancelled = Cancelled
transfer-from = From
transfer-to = To
transfer-load = Load
transfer-pickup = Collection
transfer-delivery = Delivery
transfer-pickup-by = Collected at { $at }
transfer-delivery-by = Delivered by { $at }
transfer-late = Late
transfer-title = Transfer to { $site }
transfer-waybill = Waybill
transfer-receive = Receive
transfer-steps = State of the transfer
transfer-temperature = Temperature in the box
transfer-logger = Logger { $logger }
transfer-no-readings = No reading yet.
transfer-custody = Custody
transfer-no-custody = Planned; nobody has touched the box yet.
custody-planned = Planned
custody-packed = Packed and sealed
custody-collected = Collected
custody-delivered = Delivered
custody-received = Received
custody-cancelled = Cancelled
custody-seal = Seal { $seal }
transfer-manifest = Manifest
transfer-plan = Plan and limits
transfer-courier = Carrier
transfer-packaging = Packaging
transfer-holds = Stays cold for
transfer-warmest = Warmest allowed
transfer-tolerated = Time above it allowed
transfer-packing = Packing proven
transfer-weather = Weather expected
transfer-weather-unknown = Not noted; the warmest test counts
transfer-road-margin = On the road, with margin
transfer-road-and-margin = { $road } and { $margin }
transfer-cut-off = Carrier collects until
transfer-door-closes = Receiver open until
transfer-distance = Road
transfer-km = { $km } km
transfer-highest = Highest reading
transfer-pack = Pack and seal
transfer-pack-go = Packed and sealed
transfer-seal = Seal number
transfer-collect = Hand over to the carrier
transfer-seal-again = Seal number on the box, scanned again
transfer-collect-go = Handed over
transfer-deliver = Deliver
transfer-deliver-go = Delivered now
transfer-cancel = Cancel this transfer
transfer-cancel-go = Cancel it
done-transfer-planned = The transfer is planned.
done-transfer-pack = The box is packed and sealed.
done-transfer-collect = The box is on its way.
done-transfer-deliver = The box is delivered and waits to be received.
done-transfer-cancel = The transfer is cancelled; its milk waits for another.
missing-seal = The seal number is needed. Nothing was changed.
missing-decision = Choose what is decided, and give the grounds. Nothing was changed.
missing-milk = Say how the milk is before it is taken in. Nothing was changed.

## The chart
chart-title = Temperature in the box, step by step
chart-description = From { $from } to { $until } between { $low } and { $high }. Limit { $limit }; readings above it: { $n }.
chart-limit = Limit { $limit }
chart-table =
    { $n ->
        [one] Show the reading as a table
       *[other] Show the { $n } readings as a table
    }
chart-time = Time
chart-temperature = Temperature
chart-above = Above the limit
chart-within = Within the limit

## Excursions
excursion-is-warm = Too warm for too long
excursion-is-spike = A peak far above the limit
excursion-is-gap = The logger was silent
excursion-is-silent = No reading of the journey
excursion-is-seal = Another seal
excursion-is-not-frozen = Not frozen solid
excursion-blocks = Its bottles may not be used, moved or offered until a person decides.
excursion-peak = Peak
excursion-above = Above the limit
excursion-allowed = Allowed
excursion-gap = Longest silence
excursion-acknowledge = I have seen it
excursion-decision = Decision
excursion-accept = Take into stock
excursion-accept-hint = Inspected, and the evidence allows it
excursion-thawed = Use it here as thawed
excursion-thawed-hint = never frozen again, never offered; within the hours of your policy
excursion-milk = How is the milk?
excursion-milk-hint = The softest bottle counts
milk-solid = Frozen solid
milk-ice-crystals = Ice crystals
milk-liquid = Liquid
excursion-discard = Discard
excursion-discard-hint = Everything that was set aside for it
excursion-grounds = Grounds
excursion-sign = Sign the decision
excursion-not-received = Receive the box and look at the milk first; then it can be decided.
decided-accept = Taken into stock
decided-accept-as-thawed = To be used here as thawed
decided-discard = Discarded
done-excursion-seen = It is noted that you have seen it.
done-excursion-decided = The decision is signed; both sites see it.

## Planning
plan-title = Plan a transfer
plan-not-planned = The transfer was not planned
plan-empty-title = Nothing waits to be sent
plan-empty = Milk that you promised by accepting an offer waits here.
plan-choose = Choose where the box goes.
plan-what = What goes into the box
plan-lapses = Waits until { $at }
plan-logger = Logger in the box
plan-logger-hint = A box with a logger must have readings on arrival
plan-go = Plan it
invalid-before-pickup = Lies before the collection

## Waybill
waybill-title = Waybill { $code }
waybill-print = Print this page: only the waybill appears on paper.
waybill-what = Donor human milk, pasteurised.
waybill-printed = Printed { $at }
waybill-warning = Keep at { $limit } or colder. Do not open the box. Do not refreeze. If the seal is broken, call the sender before you unload.
waybill-packed = Packed
waybill-received = Received
waybill-handed = Handed over: time, signature
waybill-taken = Received frozen, seal matched: time, signature
