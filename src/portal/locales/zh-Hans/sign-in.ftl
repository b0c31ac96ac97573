# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = 登录
sign-in-first = 请登录以查看此页面。
sign-in-kept = 会话已结束。您输入的内容已保留，登录后立即提交。
sign-in-email = 电子邮箱
sign-in-password = 密码
sign-in-go = 登录
sign-in-wrong = 邮箱或密码错误。未执行任何操作。
sign-in-throttled = 尝试次数过多，请一分钟后再试。
sign-in-help = 没有账户或忘记密码？请联系平台管理员。
lock-title = 已锁定
lock-who = 已登录：{ $name }
lock-why = 此页面已 15 分钟无人使用。请输入密码，从原处继续。
lock-kept = 此页面已 15 分钟无人使用。您输入的内容已保留：输入密码即可提交。
lock-open = 继续
switch-title = 切换用户
switch-why = 下一位在此登录；之前登录的人将自动退出。
fault-again-title = 仍要提交此表单吗？
fault-again-happened = 此表单是在您重新登录或切换到其他机构之前填写的。尚未作任何更改，您输入的内容也没有丢失。
fault-again-next = 请为当前机构提交，或在上方菜单切换回原机构后重新打开页面。
fault-again-send = 以 { $name } 的身份为 { $site } 提交
