# Planning everything that is open at once.
planning-all = 全部安排
planning-title = 路線安排
planning-is-queued = 等待中
planning-is-running = 正在安排
planning-is-done = 已安排
planning-is-cancelled = 已停止，保留當時最佳方案
planning-is-failed = 安排失敗，未作更改
planning-stopping = 正在停止
planning-progress = 進度
planning-routes = 路線
planning-left-out = 未安排的箱子
planning-to-board = 返回看板
planning-look = 重新整理
planning-stop = 停止並保留最佳方案
planning-note = 可以離開此頁，安排會繼續。
