# Receiving by scan, and a scan from anywhere.

receive-title =
    { $n ->
        [one] Receive one bottle
       *[other] Receive { $n } bottles
    }
receive-scan = Scan the next bottle
receive-waiting = Waiting for the scanner
receive-enter = Enter
receive-hint = No scanner? Type lot number and bottle number, such as L-0412-003.
receive-condition = How is the bottle in your hand?
came-intact = Whole and frozen
came-intact-hint = goes into the freezer
came-ice-crystals = Ice crystals
came-ice-crystals-hint = your policy says what that counts as
came-liquid = Liquid and cold
came-liquid-hint = set aside until somebody decides
came-thawed = Thawed
came-thawed-hint = is not taken, and never frozen again
came-damaged = Broken, leaking or not legible
came-damaged-hint = is not taken
came-missing = not in the box
came-waits = to scan
receive-yes-title = Yes: take it
receive-yes = belongs to this box. Put it into the freezer.
receive-no-title = No: not for this box
receive-no = is not on the manifest. Nothing was received. Put the bottle into quarantine and call the sender.
receive-twice-title = Scanned before
receive-twice = was scanned already; it counts once. Take the next bottle.
receive-aside-title = Noted: do not take it
receive-aside = is on the manifest, and is not taken as it is. Put it apart from the others.
receive-progress = { $done } of { $all }
receive-undo = Undo
receive-missing = Not there
receive-box = The box
receive-seal = Seal number on the box
receive-seal-hint = Another seal, or none, sets everything aside until it is decided.
receive-frozen = How is the milk?
receive-frozen-hint = Look at three bottles, one from each layer.
receive-frozen-yes = Frozen solid
receive-frozen-yes-hint = as it should be
receive-frozen-no = Not frozen solid
receive-frozen-no-hint = everything is set aside until it is decided
receive-finish = Finish the receipt
receive-left =
    { $n ->
        [one] One bottle still to scan, or to mark as not there.
       *[other] { $n } bottles still to scan, or to mark as not there.
    }
missing-frozen = Say how the milk is. Nothing was booked, and no scan is lost.
missing-bottles = Bottles are still to scan. Nothing was booked, and no scan is lost.
done-transfer-received = Received: every bottle is in stock.
done-transfer-received-aside = Received, and not every bottle became stock. See the manifest.
outcome-accepted = In stock
outcome-quarantined = Set aside
outcome-rejected = Not taken
outcome-missing = Missing
because-seal-mismatch = another seal
because-not-frozen = not frozen solid
because-excursion = excursion
because-lot-recalled = lot recalled
because-recalled = lot recalled
because-lot-held = held
because-expired = expired
because-thawed-in-transit = thawed on the way
because-damaged = damaged
because-missing = did not come
scan-unknown = Code not known
scan-nothing = Nothing found
scan-nothing-hint = names no bottle, lot, box or recall of your sites. Nothing was changed.
scan-again = Scan again
scan-title = Scan
scan-sub = A scan leads to the next step for what is in your hand.
scan-camera = Scan with the camera
scan-camera-hold = Hold the label into the picture.
scan-camera-close = Close the camera
scan-camera-refused = The camera may not be used here. Take a photo instead, or type the code.
scan-photo = Photo of the label
scan-photo-hint = JPEG, PNG or WebP, up to 12 MB. The photo is looked at once and not kept.
scan-photo-read = Read the photo
scan-photo-none-title = No photo
scan-photo-none = Choose a photo of the label first. Nothing was changed.
scan-photo-no-code-title = No code in this photo
scan-photo-no-code = Nothing was changed. Hold the phone closer and straight, with enough light, and take it again, or type the code.
scan-photo-too-large-title = This photo is too large
scan-photo-too-large = It has more than 12 MB or 26 million pixels. Nothing was changed. Take it smaller, or type the code.
scan-photo-not-a-picture-title = This is no photo
scan-photo-not-a-picture = The file is no JPEG, PNG or WebP picture, or it is damaged. Nothing was changed. Take the photo again, or type the code.
scan-back-to-box = Back to the box
