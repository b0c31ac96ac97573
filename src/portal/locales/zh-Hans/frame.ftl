# What stands around every page.

frame-skip = 跳到主要内容
frame-home = Milkbridge，工作清单
frame-training = 培训机构：此处的操作不会影响真实的冷冻柜。
frame-training-name = 培训
frame-scan = 扫描或输入条码
frame-scan-camera = 用摄像头或照片扫描
frame-switch = 切换用户
frame-switch-user = 切换用户
frame-work-for = 转到 { $site }
frame-all-sites = 所有机构
frame-shortcuts-off = 关闭单键快捷键
frame-shortcuts-on = 开启单键快捷键
frame-sign-out = 退出登录
frame-main-navigation = 主导航
frame-menu = 菜单：{ $page }
frame-languages = 语言
frame-theme = 浅色或深色
frame-theme-system = 跟随系统
frame-theme-light = 浅色
frame-theme-dark = 深色

## Navigation
nav-worklist = 工作清单

## Said aloud when something happens
say-soon = 剩余 %minutes% 分钟：%what%
say-changed = 列表已更新。
say-offline = 连接中断，所见内容可能已过时。

## Forms
form-to-mend = 有 { $n } 处需要更正。您输入的内容已保留。
form-request-id = 请求编号
form-missing = 请填写
form-choose = 请选择
form-not-a-number = 请输入数字
invalid-out-of-range = 超出允许范围
invalid-in-the-past = 时间已过，请选择以后的时间
invalid-missing = 此项必填
invalid-empty = 此项必填
invalid-too-long = 过长

## Lists
pages-label = 列表分页
pages-first = 回到开头
pages-next = 下一页
nav-board = 余奶公告
nav-requests = 需求
done-offer-accepted = 已接受。这些母乳瓶已为该需求预留。
done-offer-declined = 已拒绝。系统正在寻找其他母乳。
done-request-sent = 已发送。系统正在寻找母乳。
done-request-ended = 该需求已结束。
done-say-why = 未作更改：请说明原因（不超过 500 字）。
frame-zone = { $zone } 时间
