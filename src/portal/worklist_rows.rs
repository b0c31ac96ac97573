//! The rows of the worklist: each kind of work with its words, its clock and the one next step.

use super::parts::{Due, SITE, Safe, SiteName, TierMark, icon, with_site};
use super::recalls::title_of;
use super::texts::{Say, Texts};
use super::worklist::name_of;
use crate::actions::ledger::LotStock;
use crate::actions::lots::LotRow;
use crate::actions::offers::OfferListing;
use crate::actions::requests::RequestRow;
use crate::actions::webhooks::WebhookRow;
use crate::actions::worklist::{ExcursionRow, RecallRow, ToPlan, TransferRow, Worklist};
use crate::domain::actor::{Permission, Role};
use crate::domain::excursion::ExcursionState;
use crate::domain::time::Instant;
use crate::domain::transfer::TransferState;

/// A kind of work; also the filter in the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Offers to answer.
    Offers,
    /// Requests that wait.
    Requests,
    /// Boxes to pack and to hand over.
    Pack,
    /// Boxes to receive.
    Receive,
    /// Alarms to acknowledge and bottles to decide on.
    Alarms,
    /// Recalls to answer.
    Recalls,
    /// Milk that expires.
    Expiring,
    /// Lots to release.
    Release,
}

impl Kind {
    /// All kinds, in the order of the filters.
    pub const ALL: [Self; 8] = [
        Self::Offers,
        Self::Requests,
        Self::Pack,
        Self::Receive,
        Self::Alarms,
        Self::Recalls,
        Self::Expiring,
        Self::Release,
    ];

    /// Its word in the address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Offers => "offers",
            Self::Requests => "requests",
            Self::Pack => "pack",
            Self::Receive => "receive",
            Self::Alarms => "alarms",
            Self::Recalls => "recalls",
            Self::Expiring => "expiring",
            Self::Release => "release",
        }
    }
}

/// One row.
pub struct Row {
    /// Its kind.
    pub kind: Kind,
    /// The band of time: 0 now, 1 today, 2 this week, 3 later.
    pub band: usize,
    /// The tier or the icon.
    pub mark: Safe,
    /// The kind in words.
    pub label: String,
    /// What is to be done.
    pub title: Safe,
    /// Where it is done.
    pub href: String,
    /// What one has to know.
    pub meta: String,
    /// The clock.
    pub due: Option<Due>,
    /// The next step in words.
    pub action: String,
    /// True where the step is this role's to take.
    pub primary: bool,
    deadline: Option<Instant>,
}

impl Row {
    /// True where the row is marked at its edge.
    #[must_use]
    pub fn is_pressing(&self) -> bool {
        self.due.as_ref().is_some_and(|due| due.class == " due-crit")
    }
}

struct Writer<'a> {
    list: &'a Worklist,
    texts: &'a Texts,
    now: Instant,
    role: Role,
}

/// All rows, those that are due first first.
#[must_use]
pub fn rows_of(list: &Worklist, texts: &Texts, now: Instant, role: Role) -> Vec<Row> {
    let writer = Writer { list, texts, now, role };
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(list.offers.iter().map(|offer| writer.offer(offer)));
    rows.extend(list.requests.iter().map(|request| writer.request(request)));
    rows.extend(list.to_plan.iter().map(|milk| writer.to_plan(milk)));
    rows.extend(list.to_send.iter().map(|transfer| writer.to_send(transfer)));
    rows.extend(list.to_receive.iter().map(|transfer| writer.to_receive(transfer)));
    rows.extend(list.to_take_back.iter().map(|transfer| writer.to_take_back(transfer)));
    rows.extend(list.excursions.iter().map(|(row, transfer)| writer.excursion(row, transfer.as_ref())));
    rows.extend(list.recalls.iter().map(|recall| writer.recall(recall)));
    rows.extend(list.expiring.iter().map(|lot| writer.expiring(lot)));
    rows.extend(list.to_release.iter().map(|lot| writer.to_release(lot)));
    rows.extend(list.failing_webhooks.iter().map(|row| writer.failing_webhook(row)));
    for row in &mut rows {
        row.band = writer.band(row.deadline, row.kind);
    }
    rows.sort_by_key(|row| (row.band, row.deadline.unwrap_or(Instant::from_micros(i64::MAX))));
    rows
}

impl Writer<'_> {
    fn band(&self, deadline: Option<Instant>, kind: Kind) -> usize {
        match deadline {
            None if kind == Kind::Alarms => 0,
            None => 3,
            Some(at) if at <= self.now.plus_minutes(60) => 0,
            Some(at) if self.texts.moments().same_day(at, self.now) => 1,
            Some(at) if at <= self.now.plus_days(7) => 2,
            Some(_) => 3,
        }
    }

    fn row(&self, kind: Kind, mark: Safe, title: Safe, href: String, meta: String) -> Row {
        Row {
            kind,
            band: 3,
            mark,
            label: self.texts.word("worklist-kind", kind.word()),
            title,
            href,
            meta,
            due: None,
            action: self.texts.word("worklist-go", kind.word()),
            primary: false,
            deadline: None,
        }
    }

    fn due(&self, row: Row, at: Instant, since: Option<Instant>, key: &str) -> Row {
        let when = self.texts.short_moment(at, self.now);
        let due = Due::new(self.texts, self.now, at, since, self.texts.one(key, "when", when));
        Row { due: Some(due), deadline: Some(at), ..row }
    }

    fn mine(&self, row: Row, permission: Permission) -> Row {
        let may = self.role.may(permission);
        let action = if may { row.action } else { self.texts.get("worklist-go-look") };
        Row { primary: may, action, ..row }
    }

    fn tier(&self, tier: i64) -> Safe {
        askama::filters::Safe(TierMark::new(self.texts, tier).to_string())
    }

    fn sentence(&self, key: &str, site: &SiteName, values: &[(&str, &dyn Say)]) -> Safe {
        let site_word: &dyn Say = &SITE;
        let mut all: Vec<(&str, &dyn Say)> = vec![("site", site_word)];
        all.extend_from_slice(values);
        with_site(&self.texts.with(key, &all), site)
    }

    fn plain(&self, key: &str, values: &[(&str, &dyn Say)]) -> Safe {
        with_site(&self.texts.with(key, values), &SiteName::new("", ""))
    }

    fn offer(&self, offer: &OfferListing) -> Row {
        let texts = self.texts;
        let sizes: Vec<String> = offer
            .lines
            .iter()
            .map(|(_, _, size, count)| texts.with("unit-bottles-of", &[("n", count), ("ml", &size.ml())]))
            .collect();
        let needed = texts.short_moment(offer.needed_by, self.now);
        let meta = texts.with("worklist-offer-meta", &[("bottles", &sizes.join(", ")), ("when", &needed)]);
        let site = name_of(self.list, offer.row.to_site_id);
        let title = self.sentence("worklist-offer", &site, &[("ml", &offer.row.volume_ml.ml())]);
        let href = format!("/portal/offers/{}", offer.row.id);
        let row = self.row(Kind::Offers, self.tier(offer.tier), title, href, meta);
        let row = self.due(row, offer.row.answer_by, Some(offer.row.proposed_at), "worklist-answer-by");
        self.mine(row, Permission::AnswerOffers)
    }

    fn request(&self, request: &RequestRow) -> Row {
        let texts = self.texts;
        let lacking = request.volume_ml.ml() - request.allocated_ml.ml();
        let title = match &request.infant_ref {
            Some(infant) => self.plain("worklist-request", &[("ml", &lacking), ("infant", infant)]),
            None => self.plain("worklist-request-ward", &[("ml", &lacking)]),
        };
        let why = match self.list.why.get(&request.id) {
            None => "worklist-why-not-yet",
            Some(why) if why.short_ml == 0 => "worklist-why-offered",
            Some(why) if why.eligible_lines == 0 => "worklist-why-nothing",
            Some(_) => "worklist-why-short",
        };
        let amounts: [(&str, &dyn Say); 2] =
            [("asked", &request.volume_ml.ml()), ("promised", &request.allocated_ml.ml())];
        let meta = format!("{} {}", texts.with("worklist-request-meta", &amounts), texts.get(why));
        let href = format!("/portal/requests/{}", request.id);
        let row = self.row(Kind::Requests, self.tier(request.tier), title, href, meta);
        self.due(row, request.needed_by, Some(request.created_at), "worklist-needed-by")
    }

    fn to_plan(&self, milk: &ToPlan) -> Row {
        let site = name_of(self.list, milk.to);
        let title = self.sentence("worklist-plan", &site, &[("n", &milk.bottles)]);
        let href = format!("/portal/transfers/new?to={}", milk.to);
        let row = self.row(Kind::Pack, self.tier(milk.tier), title, href, self.texts.millilitres(milk.volume_ml));
        let row = self.due(row, milk.lapses_at, Some(milk.since), "worklist-lapses-by");
        self.mine(Row { action: self.texts.get("worklist-go-plan"), ..row }, Permission::MoveMilk)
    }

    fn to_send(&self, transfer: &TransferRow) -> Row {
        let key = if transfer.state == TransferState::Planned { "worklist-pack" } else { "worklist-hand-over" };
        let row = self.journey(Kind::Pack, "box", key, transfer, transfer.to_site_id);
        let row = self.due(row, transfer.planned_pickup_at, Some(transfer.created_at), "worklist-collected-by");
        self.mine(row, Permission::MoveMilk)
    }

    fn to_receive(&self, transfer: &TransferRow) -> Row {
        let here = transfer.state == TransferState::Delivered;
        let key = if here { "worklist-receive" } else { "worklist-on-the-way" };
        let icon = if here { "box" } else { "truck" };
        let row = self.journey(Kind::Receive, icon, key, transfer, transfer.from_site_id);
        let row = self.due(row, transfer.planned_delivery_at, transfer.collected_at, "worklist-delivered-by");
        if here {
            return self.mine(row, Permission::ReceiveMilk);
        }
        Row { action: self.texts.get("worklist-go-look"), ..row }
    }

    fn to_take_back(&self, transfer: &TransferRow) -> Row {
        let row = self.journey(Kind::Receive, "box", "worklist-take-back", transfer, transfer.to_site_id);
        let hold = transfer.collected_at.map(|at| at.plus_minutes(transfer.max_duration_minutes));
        let row = match hold {
            Some(hold) => self.due(row, hold, transfer.collected_at, "worklist-hold-until"),
            None => row,
        };
        self.mine(row, Permission::ReceiveMilk)
    }

    fn journey(
        &self,
        kind: Kind,
        mark: &str,
        key: &str,
        transfer: &TransferRow,
        other: crate::domain::ids::SiteId,
    ) -> Row {
        let site = name_of(self.list, other);
        let title = self.sentence(key, &site, &[("n", &transfer.bottles)]);
        let meta = self.texts.one("worklist-journey-meta", "ml", transfer.volume_ml.ml());
        self.row(kind, icon(mark), title, format!("/portal/transfers/{}", transfer.id), meta)
    }

    fn excursion(&self, row: &ExcursionRow, transfer: Option<&TransferRow>) -> Row {
        let texts = self.texts;
        let from = transfer.map_or(row.site_id, |transfer| transfer.from_site_id);
        let site = name_of(self.list, from);
        let title = self.sentence(&format!("worklist-alarm-{}", row.kind.as_str()), &site, &[]);
        let mut meta = vec![texts.one("worklist-alarm-since", "when", texts.short_moment(row.opened_at, self.now))];
        if let Some(peak) = row.peak_hundredths {
            meta.push(texts.one("worklist-alarm-peak", "peak", texts.moments().decimal(peak.hundredths(), 2)));
        }
        if row.minutes_above_limit > 0 {
            meta.push(texts.one("worklist-alarm-above", "span", texts.span(row.minutes_above_limit)));
        }
        let href = match transfer {
            Some(transfer) => format!("/portal/transfers/{}", transfer.id),
            None => format!("/portal/excursions/{}", row.id),
        };
        let mark = icon(if row.peak_hundredths.is_some() { "temp" } else { "lost" });
        let made = self.row(Kind::Alarms, mark, title, href, meta.join(" "));
        let made = self.mine(made, Permission::DispositionExcursions);
        let seen = row.state == ExcursionState::Acknowledged;
        if seen && made.primary { Row { action: texts.get("worklist-go-decide"), ..made } } else { made }
    }

    fn recall(&self, recall: &RecallRow) -> Row {
        let site = name_of(self.list, recall.site_id);
        let title = self.sentence("worklist-recall", &site, &[]);
        let codes = self.list.recalled.get(&recall.id).map_or(&[][..], Vec::as_slice);
        let reason = self.texts.one("worklist-recall-meta", "reason", &recall.reason);
        let meta = format!("{} · {reason}", title_of(recall, codes, self.texts));
        let href = format!("/portal/recalls/{}", recall.id);
        let row = self.row(Kind::Recalls, icon("bell"), title, href, meta);
        let row = self.due(row, recall.respond_by, Some(recall.frozen_at), "worklist-answer-by");
        self.mine(row, Permission::AnswerRecalls)
    }

    fn expiring(&self, lot: &LotStock) -> Row {
        let ml = lot.unpromised_bottles * lot.size_ml;
        let title = self.plain("worklist-expiring", &[("ml", &ml), ("lot", &lot.lot_code)]);
        let values: [(&str, &dyn Say); 2] = [("n", &lot.unpromised_bottles), ("ml", &lot.size_ml)];
        let meta = self.texts.with("worklist-expiring-meta", &values);
        let row = self.row(Kind::Expiring, icon("hour"), title, format!("/portal/lots/{}", lot.lot_id), meta);
        let row = self.due(row, lot.expires_at, None, "worklist-expires-at");
        self.mine(row, Permission::PublishSurplus)
    }

    fn failing_webhook(&self, row: &WebhookRow) -> Row {
        let title = self.plain("webhooks-alarm", &[("name", &row.name)]);
        let since = row.failing_since.unwrap_or(row.created_at);
        let meta = self.texts.one("webhooks-failing-since", "when", self.texts.short_moment(since, self.now));
        let made = self.row(Kind::Alarms, icon("bell"), title, format!("/portal/webhooks/{}", row.id), meta);
        self.mine(made, Permission::ManageWebhooks)
    }

    fn to_release(&self, lot: &LotRow) -> Row {
        let title = self.plain("worklist-release", &[("lot", &lot.code)]);
        let expires = self.texts.moments().date(lot.expires_at);
        let values: [(&str, &dyn Say); 2] = [("ml", &lot.volume_ml.ml()), ("date", &expires)];
        let meta = self.texts.with("worklist-release-meta", &values);
        let row = self.row(Kind::Release, icon("held"), title, format!("/portal/lots/{}", lot.id), meta);
        self.mine(row, Permission::ManageLots)
    }
}
