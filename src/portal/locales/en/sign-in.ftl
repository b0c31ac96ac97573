# The door: sign-in, the lock of an idle session, switching between people.

sign-in-title = Sign in
sign-in-first = Sign in to see this page.
sign-in-kept = Your session has ended. What you typed is kept: it is sent as soon as you sign in.
sign-in-email = E-mail address
sign-in-password = Password
sign-in-go = Sign in
sign-in-wrong = Address or password is wrong. Nothing was done.
sign-in-throttled = Too many attempts. Wait a minute and try again.
sign-in-help = No account, or the password is lost? Ask your hub administrator.
lock-title = Locked
lock-who = Signed in: { $name }
lock-why = Nobody used this page for 15 minutes. Enter your password to go on where you were.
lock-kept = Nobody used this page for 15 minutes. What you typed is kept: enter your password and it is sent.
lock-open = Go on
switch-title = Switch user
switch-why = The next person signs in here; whoever was signed in before is signed out.
fault-again-title = Is this form still meant?
fault-again-happened = It was filled in before you signed in again or went on to another site. Nothing was changed yet, and nothing you typed is lost.
fault-again-next = Send it for where you are now, or go back to the other site in the menu above and open the page again.
fault-again-send = Send as { $name } for { $site }
