# The page that shows every part of the design.

components-title = Thành phần
components-sub = Mọi thành phần ở mọi trạng thái, như các trang sử dụng.
components-tags = Nhãn trạng thái
components-tiers = Mức khẩn
components-expiry = Hạn dùng
components-due = Đếm ngược
components-buttons = Nút
components-fields = Trường biểu mẫu
components-errors = Tóm tắt lỗi
components-notes = Thông báo
components-empty = Trạng thái trống
