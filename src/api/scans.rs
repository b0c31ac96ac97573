//! What a scanner read: taken apart, checked, and looked up among the caller's bottles. Nothing of it is kept.

use super::auth::{Allowed, permit::ReadStock};
use super::extract::Body;
use super::openapi::operations;
use super::problem::{Problem, ProblemCode};
use super::state::{Answer, State};
use crate::actions::lots;
use crate::domain::ids::BottleId;
use crate::domain::scan::{ScanFault, ScanPart, Sec, read_scan};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations!(read_label);

/// What a scanner sent, or a person keyed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    /// The text, with the scanner's prefix if it sends one.
    #[schema(max_length = 1000)]
    text: String,
    /// True when a person keyed a donation number: its check character is then needed.
    #[serde(default)]
    keyed: bool,
}

/// One thing that a label says.
#[derive(Serialize, ToSchema)]
#[schema(as = ScanPart)]
struct PartView {
    /// `din`, `product`, `expires_at`, `made_at`, `sec`, `gs1`, `hub` or `other`.
    kind: &'static str,
    /// Its identifier, for `gs1` and `other`.
    identifier: Option<String>,
    /// `din`: its 13 characters. `product`: the five of its code. `expires_at`, `made_at`: local time without a zone.
    /// `sec`: country, establishment, donation, product and split, one after the other. `hub`: the code.
    /// `gs1`, `other`: what stands after the identifier, as it stands.
    value: String,
    /// The check character, for a donation number; the division, for a product; the expiry date, for `sec`.
    detail: Option<String>,
}

impl From<&ScanPart> for PartView {
    fn from(part: &ScanPart) -> Self {
        let (kind, identifier, value, detail) = match part {
            ScanPart::Din(din, _flag) => {
                ("din", None, din.as_str().to_owned(), Some(din.check_character().to_string()))
            }
            ScanPart::Product(code, division) => ("product", None, code.to_string(), Some(format!("{division:03}"))),
            ScanPart::ExpiresAt(at) => ("expires_at", None, at.to_string(), None),
            ScanPart::MadeAt(at) => ("made_at", None, at.to_string(), None),
            ScanPart::Sec(sec) => {
                let Sec { country, establishment, donation, product, split, expires_on } = sec;
                let value = format!("{country}{establishment}{donation}{product}{split}");
                ("sec", None, value, Some(expires_on.to_string()))
            }
            ScanPart::Other(identifier, value) => ("other", Some(identifier.clone()), value.clone(), None),
            ScanPart::Gs1(identifier, value) => ("gs1", Some((*identifier).to_owned()), value.clone(), None),
            ScanPart::Hub(code) => ("hub", None, code.clone(), None),
        };
        Self { kind, identifier, value, detail }
    }
}

/// A label taken apart.
#[derive(Serialize, ToSchema)]
#[schema(as = Scan)]
struct ScanView {
    /// What it says, in order.
    parts: Vec<PartView>,
    /// The bottle that bears it, when it is the caller's to see.
    #[schema(value_type = Option<String>, format = "uuid")]
    bottle_id: Option<BottleId>,
}

fn told(fault: ScanFault) -> Problem {
    let detail = match fault {
        ScanFault::PatientStructure => "it tells about a patient; the hub takes no such code and has not kept it",
        ScanFault::UnknownStructure => "it holds a structure that is not known here",
        ScanFault::Malformed => "a structure is too short, too long or has a character that does not belong",
        ScanFault::NotMilk => "it is a label of blood, tissue or cells, and not of milk",
        ScanFault::CheckCharacter => "the check character does not fit; scan or key it again",
        ScanFault::CountMismatch => "it holds another number of structures than it says",
        ScanFault::ImpossibleDate => "there is no such date",
        ScanFault::UnknownCode => "it is no code that is known here",
    };
    Problem::field(ProblemCode::BodyInvalid, "/text", fault.as_str(), detail)
}

/// Takes a label apart: ISBT 128, GS1 or a code of this hub. Refuses what is malformed, and everything about a
/// patient.
#[utoipa::path(tag = "lots", request_body = ScanBody,
    responses((status = 200, description = "What it says.", body = ScanView)))]
#[post("/v1/scans")]
async fn read_label(call: Allowed<ReadStock>, state: State, body: Body<ScanBody>) -> Answer {
    let ScanBody { text, keyed } = body.into_inner();
    let parts = read_scan(&text, keyed).map_err(told)?;
    let mut label = None;
    let din = parts.iter().find_map(|part| if let ScanPart::Din(din, _) = part { Some(din.clone()) } else { None });
    let product = parts.iter().find_map(|part| match part {
        ScanPart::Product(code, division) => Some((*code, *division)),
        _ => None,
    });
    if let Some((din, (code, division))) = din.zip(product) {
        label = Some((din.as_str().to_owned(), code.to_string(), division));
    }
    let actor = call.actor().clone();
    let bottle_id = match label {
        None => None,
        Some((din, code, division)) => {
            state.hub.read(move |conn| lots::find_bottle_by_label(conn, &actor, &din, &code, division)).await?
        }
    };
    Ok(HttpResponse::Ok().json(ScanView { parts: parts.iter().map(PartView::from).collect(), bottle_id }))
}
