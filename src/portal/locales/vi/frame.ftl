# What stands around every page.

frame-skip = Chuyển đến nội dung chính
frame-home = Milkbridge, danh sách việc
frame-training = Trang tập huấn: không thao tác nào ở đây tác động đến tủ đông thật.
frame-training-name = Tập huấn
frame-scan = Quét hoặc nhập mã
frame-scan-camera = Quét bằng máy ảnh hoặc ảnh chụp
frame-switch = Đổi người dùng
frame-switch-user = Đổi người dùng
frame-work-for = Làm việc cho { $site }
frame-all-sites = Tất cả cơ sở
frame-shortcuts-off = Tắt phím tắt một phím
frame-shortcuts-on = Bật phím tắt một phím
frame-sign-out = Đăng xuất
frame-main-navigation = Điều hướng chính
frame-menu = Trình đơn: { $page }
frame-languages = Ngôn ngữ
frame-theme = Sáng hoặc tối
frame-theme-system = Theo hệ thống
frame-theme-light = Sáng
frame-theme-dark = Tối

## Navigation
nav-worklist = Việc cần làm

## Said aloud when something happens
say-soon = Còn %minutes% phút: %what%
say-changed = Danh sách đã thay đổi.
say-offline = Mất kết nối. Thông tin đang xem có thể đã cũ.

## Forms
form-to-mend = Cần sửa { $n } mục. Nội dung đã nhập được giữ lại.
form-request-id = Mã tra lỗi
form-missing = Hãy nhập giá trị
form-choose = Hãy chọn
form-not-a-number = Hãy nhập một số
invalid-out-of-range = Ngoài phạm vi cho phép
invalid-in-the-past = Đã qua. Hãy chọn thời điểm sau
invalid-missing = Bắt buộc
invalid-empty = Bắt buộc
invalid-too-long = Quá dài

## Lists
pages-label = Các trang của danh sách
pages-first = Về đầu
pages-next = Tiếp theo
nav-board = Bảng sữa dư
nav-requests = Yêu cầu
done-offer-accepted = Đã chấp nhận. Các chai được giữ cho yêu cầu này.
done-offer-declined = Đã từ chối. Hệ thống sẽ tìm nguồn sữa khác.
done-request-sent = Đã gửi. Hệ thống đang tìm sữa.
done-request-ended = Yêu cầu đã kết thúc.
done-say-why = Chưa thay đổi gì: hãy nêu lý do, tối đa 500 ký tự.
frame-zone = Giờ { $zone }
