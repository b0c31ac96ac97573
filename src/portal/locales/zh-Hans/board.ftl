# The board: milk that others offer now.

board-title = 余奶公告
board-sub = { $n } 行共 { $ml } 毫升，最先到期者在前。
board-filter = 筛选公告
board-show = 显示
board-any = 不限
board-protein-from = 蛋白质不低于
board-milk = 母乳类型
board-donors-label = 捐赠者
board-up-to-donors = 最多 { $n } 位
board-donors = { $n } 位捐赠者
board-dairy = 乳制品
board-dairy-free = 无乳制品
board-no-analysis = 未检测
board-bank = 母乳库与批次
board-volume = 总量
board-analysis = 蛋白质与捐赠者
board-expires = 到期
board-own = 您的
board-empty-title = 公告上没有母乳
board-empty = 仍可发送需求：一旦有母乳库公告即会配对。
board-empty-filtered = 没有符合筛选的项目。
board-no-filter = 显示全部
board-how = 母乳瓶不能从公告直接取用：请发送需求，系统会找到符合双方规则的母乳。
