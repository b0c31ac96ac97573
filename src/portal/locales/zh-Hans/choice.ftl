# Choosing otherwise than the hub planned.
choice-title = 另行选择
choice-request = 需求
choice-sub = 以公布的批次替代待定配对。请先查看代价；您的理由会一并保存。安全规则不变。
choice-price = 批次 { $lot } 会带来的变化
choice-refused = 有规则禁止，无法选择。
choice-points = 比原计划差 { $points } 分。
choice-not-exact = 此代价为估计值。
choice-bottles = 瓶数
choice-reason = 理由
choice-reason-hint = 永久保存；不写姓名
choice-go = 申请此批次
choice-nothing-chosen = 未作选择
choice-lots = 已公布的批次
choice-empty-title = 尚无公布的余奶
choice-empty = 母乳库公布余奶后会显示在这里。
done-choice-made = 已连同理由提交其母乳库，原待定配对已撤回。
