# The page that shows every part of the design.

components-title = 组件
components-sub = 各组件的全部状态，与页面所用一致。
components-tags = 状态标签
components-tiers = 紧急级别
components-expiry = 有效期
components-due = 倒计时
components-buttons = 按钮
components-fields = 表单字段
components-errors = 错误汇总
components-notes = 消息
components-empty = 空状态
