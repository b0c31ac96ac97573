//! The one table of error codes: status, stable code, title and what a reader can do. Every answer that is
//! not a success comes from here; the pages under `/problems/` print it.

use actix_web::http::StatusCode;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $title:literal, $help:literal;)+) => {
        /// The kinds of problem the hub can answer with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode { $(#[doc = $title] $name,)+ }

        impl ProblemCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let number: u16 = match self { $(Self::$name => $status,)+ };
                StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The stable code that programs branch on.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// One line for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// What it means and what to do.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)+ }
            }
        }
    };
}

problem_codes! {
    BodyMalformed = 400, "body_malformed", "The body is not JSON",
        "Send one JSON value in UTF-8. The detail gives line and column of the first fault.";
    BodyInvalid = 400, "body_invalid", "The body has fields that cannot be taken",
        "errors[] names each field by JSON Pointer, with a code and what to send instead. Unknown fields are refused.";
    QueryInvalid = 400, "query_invalid", "A query parameter cannot be taken",
        "errors[] names the parameter. Unknown parameters are refused.";
    PathInvalid = 400, "path_invalid", "The path has an identifier that cannot be read",
        "Identifiers are UUIDs in the usual 36 character form.";
    HeaderInvalid = 400, "header_invalid", "A header cannot be read",
        "errors[] names the header.";
    CursorInvalid = 400, "cursor_invalid", "The cursor does not fit this list",
        "Use next_cursor as it was given and with the same filters, or start again without a cursor.";
    IdempotencyKeyMissing = 400, "idempotency_key_missing", "The Idempotency-Key header is missing",
        "Send a fresh UUID with every new thing you create, and the same UUID when you try again.";
    IdempotencyKeyInvalid = 400, "idempotency_key_invalid", "The Idempotency-Key is not a UUID",
        "Send a UUID, bare or in double quotes.";
    TokenRequestInvalid = 400, "invalid_request", "The token request cannot be read",
        "Send grant_type=client_credentials form-encoded, with HTTP Basic or a client_assertion.";
    GrantTypeUnsupported = 400, "unsupported_grant_type", "This grant is not offered",
        "Use grant_type=client_credentials.";
    TokenMissing = 401, "token_missing", "A token is needed",
        "Sign in at POST /v1/sessions or POST /oauth/token and send Authorization: Bearer with the token.";
    TokenInvalid = 401, "token_invalid", "The token is not valid or no longer valid",
        "Tokens live ten minutes. Get a new one.";
    InvalidCredentials = 401, "invalid_credentials", "These credentials do not open an account",
        "E-mail or password is wrong, or the account is disabled.";
    InvalidClient = 401, "invalid_client", "The client could not be authenticated",
        "Client id, secret or assertion is wrong, the assertion was used before, or the client is disabled.";
    DriverLinkForged = 401, "driver_link_forged", "This link was not made by this hub",
        "Ask the dispatcher for a link and open it as it was sent, whole.";
    DriverLinkRevoked = 401, "driver_link_revoked", "This link was taken back",
        "The route was changed, given to somebody else, or a newer link was made. Ask the dispatcher.";
    DriverLinkExpired = 401, "driver_link_expired", "This link is over",
        "A link works until some hours after its shift. What was not sent is reported to the dispatcher by hand.";
    DriverLinkUsedElsewhere = 401, "driver_link_used_elsewhere", "This link was opened on another phone",
        "A link belongs to the phone that opened it first. Ask the dispatcher for a new one.";
    Forbidden = 403, "forbidden", "Your role does not allow this",
        "The WWW-Authenticate header names the roles that may.";
    NotFound = 404, "not_found", "There is no such thing",
        "It does not exist, or it belongs to a site that you do not act for.";
    RouteUnknown = 404, "route_unknown", "There is no such address",
        "The specification at /openapi.json lists every address.";
    MethodNotAllowed = 405, "method_not_allowed", "This address does not take this method",
        "The Allow header lists the methods.";
    RequestTimeout = 408, "request_timeout", "The body did not arrive in time",
        "Send the request again.";
    Refused = 409, "refused", "A safety rule forbids this",
        "refusals[] lists every rule by its number. No role can switch a rule off.";
    StateConflict = 409, "state_conflict", "The state of things does not allow this",
        "The code and detail say what is in the way. Read the resource again.";
    IdempotencyKeyBusy = 409, "idempotency_key_busy", "The first request with this key is still running",
        "Wait as Retry-After says, then send the same request again.";
    VersionStale = 412, "version_stale", "It was changed since you read it",
        "Read it again, look at the change, and send the request with the new ETag in If-Match.";
    BodyTooLarge = 413, "body_too_large", "The body is too large",
        "Bodies may have 1 MiB unless the specification says otherwise. Split the request.";
    MediaTypeUnsupported = 415, "media_type_unsupported", "The body has a media type that is not taken here",
        "Send Content-Type: application/json, without Content-Encoding.";
    IdempotencyKeyReused = 422, "idempotency_key_reused", "This key was used with another body",
        "Use a fresh key for each new thing.";
    VersionMissing = 428, "version_missing", "The If-Match header is missing",
        "Send the ETag of the version that you read in If-Match, such as \"v3\".";
    RateLimited = 429, "rate_limited", "Too many requests",
        "Wait as Retry-After says.";
    Internal = 500, "internal", "The hub has a fault",
        "Nothing was changed. Tell the operator the instance id; it is in their log.";
    Unavailable = 503, "unavailable", "The database cannot be reached",
        "Nothing was changed. The hub recovers by itself; try again as Retry-After says.";
    Busy = 503, "busy", "The hub is too busy",
        "Nothing was changed. Try again as Retry-After says.";
}

impl ProblemCode {
    /// The last part of the page's address: the code with hyphens.
    #[must_use]
    pub fn slug(self) -> String {
        self.code().replace('_', "-")
    }

    /// The code with this stable name.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.code() == code)
    }

    /// The page's address, as the `type` of a problem.
    #[must_use]
    pub fn page(self) -> String {
        format!("/problems/{}", self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_every_status_is_an_error() {
        let codes: BTreeSet<_> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
        for code in ProblemCode::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
            assert_eq!(ProblemCode::find(code.code()), Some(*code));
        }
    }
}
