# The page that shows every part of the design.

components-title = Components
components-sub = Every part in every state, as the pages use it.
components-tags = Status tags
components-tiers = Urgency tiers
components-expiry = Expiry
components-due = Countdown
components-buttons = Buttons
components-fields = Form fields
components-errors = Error summary
components-notes = Messages
components-empty = Empty state
