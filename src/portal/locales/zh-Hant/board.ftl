# The board: milk that others offer now.

board-title = 餘奶公告
board-sub = { $n } 行共 { $ml } 毫升，最先到期者在前。
board-filter = 篩選公告
board-show = 顯示
board-any = 不限
board-protein-from = 蛋白質不低於
board-milk = 母乳類型
board-donors-label = 捐贈者
board-up-to-donors = 最多 { $n } 位
board-donors = { $n } 位捐贈者
board-dairy = 乳製品
board-dairy-free = 無乳製品
board-no-analysis = 未檢測
board-bank = 母乳庫與批次
board-volume = 總量
board-analysis = 蛋白質與捐贈者
board-expires = 到期
board-own = 您的
board-empty-title = 公告上沒有母乳
board-empty = 仍可送出需求：一旦有母乳庫公告即會配對。
board-empty-filtered = 沒有符合篩選的項目。
board-no-filter = 顯示全部
board-how = 母乳瓶不能從公告直接取用：請送出需求，系統會找到符合雙方規則的母乳。
