# What stands around every page.

frame-skip = 跳至主要內容
frame-home = Milkbridge，工作清單
frame-training = 培訓機構：此處的操作不會影響真實的冷凍櫃。
frame-training-name = 培訓
frame-scan = 掃描或輸入條碼
frame-scan-camera = 用相機或照片掃描
frame-switch = 切換用戶
frame-switch-user = 切換用戶
frame-work-for = 轉到 { $site }
frame-all-sites = 所有機構
frame-shortcuts-off = 關閉單鍵快速鍵
frame-shortcuts-on = 開啟單鍵快速鍵
frame-sign-out = 登出
frame-main-navigation = 主導覽
frame-menu = 選單：{ $page }
frame-languages = 語言
frame-theme = 淺色或深色
frame-theme-system = 跟隨系統
frame-theme-light = 淺色
frame-theme-dark = 深色

## Navigation
nav-worklist = 工作清單

## Said aloud when something happens
say-soon = 剩餘 %minutes% 分鐘：%what%
say-changed = 清單已更新。
say-offline = 連線中斷，所見內容可能已過時。

## Forms
form-to-mend = 有 { $n } 處須更正。您輸入的內容已保留。
form-request-id = 請求編號
form-missing = 請填寫
form-choose = 請選擇
form-not-a-number = 請輸入數字
invalid-out-of-range = 超出允許範圍
invalid-in-the-past = 時間已過，請選擇較後的時間
invalid-missing = 此項必填
invalid-empty = 此項必填
invalid-too-long = 過長

## Lists
pages-label = 清單分頁
pages-first = 回到開頭
pages-next = 下一頁
nav-board = 餘奶公告
nav-requests = 需求
done-offer-accepted = 已接受。這些母乳瓶已為該需求預留。
done-offer-declined = 已拒絕。系統正尋找其他母乳。
done-request-sent = 已送出。系統正尋找母乳。
done-request-ended = 該需求已結束。
done-say-why = 未作更改：請說明原因（不超過 500 字）。
frame-zone = { $zone } 時間
