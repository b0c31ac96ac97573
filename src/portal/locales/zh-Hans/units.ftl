# Amounts, times and what is left of them.

unit-ml = { $ml } 毫升
unit-bottles = { $n } 瓶
unit-bottles-of = { $ml } 毫升 { $n } 瓶
span-minutes = { $m } 分钟
span-hours = { $h } 小时
span-hours-minutes = { $h } 小时 { $m } 分
span-days = { $d } 天
span-days-hours = { $d } 天 { $h } 小时
due-left = 剩余 { $span }
due-over = 逾时 { $span }
due-ago = { $span }前
moment-today = 今天 { $time }
moment-day = { $day } { $time }
expiry-good = 有效
expiry-soon = 快到期
expiry-last = 最后一天
expiry-dead = 已过期
tier-spoken = 紧急级别
unit-g = 克
unit-day = 天
unit-days = 天
unit-ml-a-day = 毫升/天
unit-ml-kg-day = 毫升/公斤/天
unit-g-per-dl = 克/分升
unit-kcal-per-dl = 千卡/分升
