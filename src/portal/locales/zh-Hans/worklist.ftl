# Home: what is due next.

worklist-title = 工作清单
worklist-urgent = 一小时内有 { $n } 项须处理。
worklist-request-milk = 申请母乳
worklist-to-board = 余奶公告
worklist-show = 显示
worklist-all = 全部
worklist-chip-offers = 待回复
worklist-chip-requests = 等待中
worklist-chip-pack = 待包装
worklist-chip-receive = 待接收
worklist-chip-alarms = 警报
worklist-chip-recalls = 召回
worklist-chip-expiring = 将到期
worklist-chip-release = 待放行
worklist-kind-offers = 待回复的配对
worklist-kind-requests = 等待母乳
worklist-kind-pack = 待包装
worklist-kind-receive = 待接收
worklist-kind-alarms = 警报
worklist-kind-recalls = 召回
worklist-kind-expiring = 将到期
worklist-kind-release = 待放行
worklist-go-offers = 查看配对
worklist-go-requests = 查看原因
worklist-go-pack = 开始包装
worklist-go-receive = 接收
worklist-go-alarms = 打开警报
worklist-go-recalls = 回复
worklist-go-expiring = 查看批次
worklist-go-release = 查看批次
worklist-go-look = 查看
worklist-go-decide = 查看证据
worklist-band-now = 现在
worklist-band-today = 今天
worklist-band-week = 未来七天
worklist-band-later = 以后
worklist-band-now-until = 一小时内
worklist-band-today-until = 午夜前
worklist-band-week-until = { $day }前
worklist-band-later-until = 有空时处理
worklist-offer = 送 { $ml } 毫升至 { $site }
worklist-offer-meta = { $bottles }。须于 { $when } 前送达。
worklist-answer-by = { $when } 前回复
worklist-request = { $infant } 尚缺 { $ml } 毫升
worklist-request-ward = 病房库存尚缺 { $ml } 毫升
worklist-request-meta = 申请 { $asked } 毫升，已承诺 { $promised } 毫升。
worklist-why-not-yet = 系统尚未匹配。
worklist-why-offered = 配对正等待母乳库回复。
worklist-why-nothing = 没有已公告的母乳符合该需求的规则。
worklist-why-short = 符合条件的母乳不足以满足全部。
worklist-needed-by = { $when } 前需要
worklist-pack = 为 { $site } 包装 { $n } 瓶
worklist-hand-over = 交付 { $site } 的 { $n } 瓶
worklist-collected-by = { $when } 取件
worklist-receive = 接收来自 { $site } 的 { $n } 瓶
worklist-on-the-way = 运送中：来自 { $site } 的 { $n } 瓶
worklist-take-back =
    { $n ->
       *[other] 收回未能送达{ $site }的 { $n } 瓶
    }
worklist-hold-until = 保冷至 { $when }
worklist-delivered-by = { $when } 到达
worklist-journey-meta = 箱内 { $ml } 毫升。
worklist-alarm-warm = 自 { $site } 运送途中温度过高
worklist-alarm-spike = 自 { $site } 运送途中温度骤升
worklist-alarm-gap = 自 { $site } 途中记录仪有中断
worklist-alarm-silent = 自 { $site } 途中记录仪无信号
worklist-alarm-seal = 来自 { $site } 的箱子封条不符
worklist-alarm-since = 自 { $when }。
worklist-alarm-peak = 最高 { $peak } °C。
worklist-alarm-above = 超限 { $span }。
worklist-recall = 回复 { $site } 的召回
worklist-recall-meta = 原因：{ $reason }
worklist-expiring = 批次 { $lot } 的 { $ml } 毫升将到期
worklist-expiring-meta = { $ml } 毫升 { $n } 瓶，未预留。
worklist-expires-at = { $when } 到期
worklist-release = 决定是否放行批次 { $lot }
worklist-release-meta = 隔离中 { $ml } 毫升，{ $date } 到期。
worklist-empty-title = 没有待办
worklist-empty = 需要处理的配对、箱子和警报会立即显示在此。
worklist-stock = 库存
worklist-stock-free = 已放行可用
worklist-stock-promised = 已预留
worklist-stock-apart = 隔离中
worklist-stock-expiring = { $ml } 毫升将在 7 天内到期。

worklist-plan = 为运往 { $site } 的 { $n } 瓶已承诺母乳安排行程
worklist-go-plan = 安排行程
worklist-lapses-by = 承诺于 { $when } 失效
worklist-cover =
    { $n ->
       *[other] 天可用
    }
worklist-collections = 接下来的取件
