# The page that shows every part of the design.

components-title = 元件
components-sub = 各元件的全部狀態，與頁面所用一致。
components-tags = 狀態標籤
components-tiers = 緊急級別
components-expiry = 有效期
components-due = 倒數
components-buttons = 按鈕
components-fields = 表單欄位
components-errors = 錯誤摘要
components-notes = 訊息
components-empty = 空白狀態
