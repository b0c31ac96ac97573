# What stands around every page.

frame-skip = Skip to main content
frame-home = Milkbridge, worklist
frame-training = Training site: nothing here reaches a real freezer.
frame-training-name = Training
frame-scan = Scan or type a code
frame-scan-camera = Scan with camera or photo
frame-switch = Switch user
frame-switch-user = Switch user
frame-work-for = Work for { $site }
frame-all-sites = All sites
frame-shortcuts-off = Switch single-key shortcuts off
frame-shortcuts-on = Switch single-key shortcuts on
frame-sign-out = Sign out
frame-main-navigation = Main
frame-menu = Menu: { $page }
frame-languages = Languages
frame-theme = Light or dark
frame-theme-system = As the system
frame-theme-light = Light
frame-theme-dark = Dark

## Navigation
nav-worklist = Worklist

## Said aloud when something happens
say-soon = %minutes% minutes left: %what%
say-changed = The list has changed.
say-offline = No connection. What you see may be old.

## Forms
form-to-mend =
    { $n ->
        [one] One thing to mend. What you typed is kept.
       *[other] { $n } things to mend. What you typed is kept.
    }
form-request-id = Request id
form-missing = Enter a value
form-choose = Choose one
form-not-a-number = Enter a number
invalid-out-of-range = Outside the range that is taken
invalid-in-the-past = Lies in the past. Choose a later time
invalid-missing = Needed here
invalid-empty = Needed here
invalid-too-long = Too long

## Lists
pages-label = Pages of this list
pages-first = From the start
pages-next = Further
nav-board = Board
nav-requests = Requests
done-offer-accepted = Accepted. The bottles are held for this request.
done-offer-declined = Declined. The hub looks for other milk.
done-request-sent = Sent. The hub looks for milk.
done-request-ended = The request has ended.
done-say-why = Nothing was changed: say why in at most 500 characters.
frame-zone = Times of { $zone }
