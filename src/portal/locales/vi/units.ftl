# Amounts, times and what is left of them.

unit-ml = { $ml } mL
unit-bottles = { $n } chai
unit-bottles-of = { $n } chai { $ml } mL
span-minutes = { $m } phút
span-hours = { $h } giờ
span-hours-minutes = { $h } giờ { $m } phút
span-days = { $d } ngày
span-days-hours = { $d } ngày { $h } giờ
due-left = còn { $span }
due-over = quá hạn { $span }
due-ago = { $span } trước
moment-today = { $time } hôm nay
moment-day = { $day }, { $time }
expiry-good = Còn hạn
expiry-soon = Sắp hết hạn
expiry-last = Ngày cuối
expiry-dead = Hết hạn
tier-spoken = Mức khẩn
unit-g = g
unit-day = ngày
unit-days = ngày
unit-ml-a-day = mL mỗi ngày
unit-ml-kg-day = mL/kg mỗi ngày
unit-g-per-dl = g/dL
unit-kcal-per-dl = kcal/dL
