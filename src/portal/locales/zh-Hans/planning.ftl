# Planning everything that is open at once.
planning-all = 全部安排
planning-title = 路线安排
planning-is-queued = 等待中
planning-is-running = 正在安排
planning-is-done = 已安排
planning-is-cancelled = 已停止，保留当时最佳方案
planning-is-failed = 安排失败，未作更改
planning-stopping = 正在停止
planning-progress = 进度
planning-routes = 路线
planning-left-out = 未安排的箱子
planning-to-board = 返回看板
planning-look = 刷新
planning-stop = 停止并保留最佳方案
planning-note = 可以离开此页，安排会继续。
