# Home: what is due next.

worklist-title = 工作清單
worklist-urgent = 一小時內有 { $n } 項須處理。
worklist-request-milk = 申請母乳
worklist-to-board = 餘奶公告
worklist-show = 顯示
worklist-all = 全部
worklist-chip-offers = 待回覆
worklist-chip-requests = 等待中
worklist-chip-pack = 待包裝
worklist-chip-receive = 待接收
worklist-chip-alarms = 警報
worklist-chip-recalls = 回收
worklist-chip-expiring = 將到期
worklist-chip-release = 待放行
worklist-kind-offers = 待回覆的配對
worklist-kind-requests = 等待母乳
worklist-kind-pack = 待包裝
worklist-kind-receive = 待接收
worklist-kind-alarms = 警報
worklist-kind-recalls = 回收
worklist-kind-expiring = 將到期
worklist-kind-release = 待放行
worklist-go-offers = 查看配對
worklist-go-requests = 查看原因
worklist-go-pack = 開始包裝
worklist-go-receive = 接收
worklist-go-alarms = 打開警報
worklist-go-recalls = 回覆
worklist-go-expiring = 查看批次
worklist-go-release = 查看批次
worklist-go-look = 查看
worklist-go-decide = 查看證據
worklist-band-now = 現在
worklist-band-today = 今天
worklist-band-week = 未來七天
worklist-band-later = 以後
worklist-band-now-until = 一小時內
worklist-band-today-until = 午夜前
worklist-band-week-until = { $day }前
worklist-band-later-until = 有空時處理
worklist-offer = 送 { $ml } 毫升至 { $site }
worklist-offer-meta = { $bottles }。須於 { $when } 前送達。
worklist-answer-by = { $when } 前回覆
worklist-request = { $infant } 尚缺 { $ml } 毫升
worklist-request-ward = 病房庫存尚缺 { $ml } 毫升
worklist-request-meta = 申請 { $asked } 毫升，已承諾 { $promised } 毫升。
worklist-why-not-yet = 系統尚未配對。
worklist-why-offered = 配對正等待母乳庫回覆。
worklist-why-nothing = 沒有已公告的母乳符合該需求的規則。
worklist-why-short = 符合條件的母乳不足以滿足全部。
worklist-needed-by = { $when } 前需要
worklist-pack = 為 { $site } 包裝 { $n } 瓶
worklist-hand-over = 交付 { $site } 的 { $n } 瓶
worklist-collected-by = { $when } 取件
worklist-receive = 接收來自 { $site } 的 { $n } 瓶
worklist-on-the-way = 運送中：來自 { $site } 的 { $n } 瓶
worklist-take-back =
    { $n ->
       *[other] 收回未能送達{ $site }的 { $n } 瓶
    }
worklist-hold-until = 保冷至 { $when }
worklist-delivered-by = { $when } 到達
worklist-journey-meta = 箱內 { $ml } 毫升。
worklist-alarm-warm = 自 { $site } 運送途中溫度過高
worklist-alarm-spike = 自 { $site } 運送途中溫度驟升
worklist-alarm-gap = 自 { $site } 途中記錄儀有中斷
worklist-alarm-silent = 自 { $site } 途中記錄儀無訊號
worklist-alarm-seal = 來自 { $site } 的箱子封條不符
worklist-alarm-since = 自 { $when }。
worklist-alarm-peak = 最高 { $peak } °C。
worklist-alarm-above = 超限 { $span }。
worklist-recall = 回覆 { $site } 的回收
worklist-recall-meta = 原因：{ $reason }
worklist-expiring = 批次 { $lot } 的 { $ml } 毫升將到期
worklist-expiring-meta = { $ml } 毫升 { $n } 瓶，未預留。
worklist-expires-at = { $when } 到期
worklist-release = 決定是否放行批次 { $lot }
worklist-release-meta = 隔離中 { $ml } 毫升，{ $date } 到期。
worklist-empty-title = 沒有待辦
worklist-empty = 需要處理的配對、箱子和警報會立即顯示在此。
worklist-stock = 庫存
worklist-stock-free = 已放行可用
worklist-stock-promised = 已預留
worklist-stock-apart = 隔離中
worklist-stock-expiring = { $ml } 毫升將於 7 天內到期。

worklist-plan = 為運往 { $site } 的 { $n } 瓶已承諾母乳安排行程
worklist-go-plan = 安排行程
worklist-lapses-by = 承諾於 { $when } 失效
worklist-cover =
    { $n ->
       *[other] 日可用
    }
worklist-collections = 接下來的取件
