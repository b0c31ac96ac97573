# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = 登入
sign-in-first = 請登入以查看此頁面。
sign-in-kept = 工作階段已結束。您輸入的內容已保留，登入後隨即送出。
sign-in-email = 電郵地址
sign-in-password = 密碼
sign-in-go = 登入
sign-in-wrong = 電郵或密碼錯誤。未執行任何操作。
sign-in-throttled = 嘗試次數過多，請一分鐘後再試。
sign-in-help = 沒有帳戶或忘記密碼？請聯絡平台管理員。
lock-title = 已鎖定
lock-who = 已登入：{ $name }
lock-why = 此頁面已 15 分鐘無人使用。請輸入密碼，從原處繼續。
lock-kept = 此頁面已 15 分鐘無人使用。您輸入的內容已保留：輸入密碼即可送出。
lock-open = 繼續
switch-title = 切換用戶
switch-why = 下一位在此登入；之前登入的人將自動登出。
fault-again-title = 仍要送出此表單嗎？
fault-again-happened = 此表單是在您重新登入或轉到其他機構之前填寫的。尚未作任何更改，您輸入的內容亦沒有遺失。
fault-again-next = 請為目前的機構送出，或在上方選單轉回原機構後重新開啟頁面。
fault-again-send = 以 { $name } 的身分為 { $site } 送出
