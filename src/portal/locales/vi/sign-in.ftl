# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = Đăng nhập
sign-in-first = Hãy đăng nhập để xem trang này.
sign-in-kept = Phiên làm việc đã kết thúc. Nội dung đã nhập được giữ lại và sẽ gửi đi ngay khi bạn đăng nhập.
sign-in-email = Địa chỉ e-mail
sign-in-password = Mật khẩu
sign-in-go = Đăng nhập
sign-in-wrong = Sai địa chỉ hoặc mật khẩu. Chưa thực hiện gì.
sign-in-throttled = Thử quá nhiều lần. Hãy chờ một phút rồi thử lại.
sign-in-help = Chưa có tài khoản hoặc quên mật khẩu? Hãy hỏi quản trị hệ thống.
lock-title = Đã khóa
lock-who = Đang đăng nhập: { $name }
lock-why = Trang không được sử dụng trong 15 phút. Nhập mật khẩu để tiếp tục chỗ đang làm.
lock-kept = Trang không được sử dụng trong 15 phút. Nội dung đã nhập được giữ lại: nhập mật khẩu để gửi.
lock-open = Tiếp tục
switch-title = Đổi người dùng
switch-why = Người tiếp theo đăng nhập tại đây; người trước sẽ được đăng xuất.
fault-again-title = Biểu mẫu này vẫn còn đúng ý bạn?
fault-again-happened = Biểu mẫu được điền trước khi bạn đăng nhập lại hoặc chuyển sang cơ sở khác. Chưa có gì thay đổi và nội dung bạn đã nhập không bị mất.
fault-again-next = Hãy gửi cho cơ sở hiện tại, hoặc quay lại cơ sở kia ở trình đơn phía trên rồi mở lại trang.
fault-again-send = Gửi với tên { $name } cho { $site }
