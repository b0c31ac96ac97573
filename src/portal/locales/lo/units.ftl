# Amounts, times and what is left of them.

unit-ml = { $ml } ມລ
unit-bottles = { $n } ຕຸກ
unit-bottles-of = { $n } ຕຸກ ຕຸກລະ { $ml } ມລ
span-minutes = { $m } ນາທີ
span-hours = { $h } ຊມ
span-hours-minutes = { $h } ຊມ { $m } ນາທີ
span-days = { $d } ມື້
span-days-hours = { $d } ມື້ { $h } ຊມ
due-left = ເຫຼືອ { $span }
due-over = ເກີນກຳນົດ { $span }
due-ago = { $span } ກ່ອນ
moment-today = { $time } ມື້ນີ້
moment-day = { $day }, { $time }
expiry-good = ຍັງບໍ່ໝົດອາຍຸ
expiry-soon = ໃນໄວໆນີ້
expiry-last = ມື້ສຸດທ້າຍ
expiry-dead = ໝົດອາຍຸ
tier-spoken = ລະດັບຄວາມຮີບດ່ວນ
unit-g = ກຣາມ
unit-day = ມື້
unit-days = ມື້
unit-ml-a-day = ມລ ຕໍ່ມື້
unit-ml-kg-day = ມລ/ກກ ຕໍ່ມື້
unit-g-per-dl = g/dL
unit-kcal-per-dl = kcal/dL
