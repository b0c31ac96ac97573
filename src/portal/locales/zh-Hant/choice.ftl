# Choosing otherwise than the hub planned.
choice-title = 另行選擇
choice-request = 需求
choice-sub = 以公布的批次替代待定配對。請先查看代價；您的理由會一併保存。安全規則不變。
choice-price = 批次 { $lot } 會帶來的變化
choice-refused = 有規則禁止，無法選擇。
choice-points = 比原計劃差 { $points } 分。
choice-not-exact = 此代價為估計值。
choice-bottles = 瓶數
choice-reason = 理由
choice-reason-hint = 永久保存；不寫姓名
choice-go = 申請此批次
choice-nothing-chosen = 未作選擇
choice-lots = 已公布的批次
choice-empty-title = 尚無公布的餘奶
choice-empty = 母乳庫公布餘奶後會顯示在這裡。
done-choice-made = 已連同理由提交其母乳庫，原待定配對已撤回。
