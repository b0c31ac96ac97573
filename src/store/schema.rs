//! The tables as Diesel sees them; the migrations are the source. Instants are UTC microseconds,
//! ids and enumerations text, JSON text.

diesel::table! {
    /// A hospital site.
    sites (id) {
        /// `id`
        id -> Text,
        /// `code`
        code -> Text,
        /// `role`
        role -> Text,
        /// `name`
        name -> Text,
        /// `name_local`
        name_local -> Nullable<Text>,
        /// `city`
        city -> Text,
        /// `admin_area`
        admin_area -> Nullable<Text>,
        /// `country`
        country -> Text,
        /// `latitude_e6`
        latitude_e6 -> BigInt,
        /// `longitude_e6`
        longitude_e6 -> BigInt,
        /// `time_zone`
        time_zone -> Text,
        /// `has_nicu`
        has_nicu -> Bool,
        /// `nicu_level`
        nicu_level -> Nullable<BigInt>,
        /// `cluster`
        cluster -> Nullable<Text>,
        /// `accepts_forms`
        accepts_forms -> Text,
        /// `opening_hours`
        opening_hours -> Text,
        /// `capabilities`
        capabilities -> Text,
        /// `state`
        state -> Text,
        /// `policy_set_id`
        policy_set_id -> Nullable<Text>,
        /// `licence_valid_until`
        licence_valid_until -> Nullable<BigInt>,
        /// `records_infant_use`
        records_infant_use -> Bool,
        /// `reserve_ml`
        reserve_ml -> BigInt,
        /// `standing_rule`
        standing_rule -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
        /// `updated_at`
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// One version of a policy set; never changed once stored.
    policy_sets (id) {
        /// `id`
        id -> Text,
        /// `code`
        code -> Text,
        /// `version`
        version -> BigInt,
        /// `name`
        name -> Text,
        /// `jurisdiction`
        jurisdiction -> Text,
        /// `document`
        document -> Text,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Who answers for a policy set at a site.
    policy_signatures (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `policy_set_id`
        policy_set_id -> Text,
        /// `signed_by`
        signed_by -> Text,
        /// `signer_title`
        signer_title -> Text,
        /// `statement`
        statement -> Text,
        /// `demonstration`
        demonstration -> Bool,
        /// `signed_at`
        signed_at -> BigInt,
    }
}

diesel::table! {
    /// Which sites may exchange.
    agreements (id) {
        /// `id`
        id -> Text,
        /// `code`
        code -> Text,
        /// `name`
        name -> Text,
        /// `document_reference`
        document_reference -> Text,
        /// `policy_mapping`
        policy_mapping -> Nullable<Text>,
        /// `valid_from`
        valid_from -> BigInt,
        /// `valid_until`
        valid_until -> Nullable<BigInt>,
        /// `state`
        state -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The sites of an agreement.
    agreement_members (agreement_id, site_id) {
        /// `agreement_id`
        agreement_id -> Text,
        /// `site_id`
        site_id -> Text,
    }
}

diesel::table! {
    /// A carrier that may move milk.
    couriers (id) {
        /// `id`
        id -> Text,
        /// `code`
        code -> Text,
        /// `name`
        name -> Text,
        /// `kind`
        kind -> Text,
        /// `base_site_id`
        base_site_id -> Text,
        /// `agreement_reference`
        agreement_reference -> Text,
        /// `agreement_valid_until`
        agreement_valid_until -> Nullable<BigInt>,
        /// `max_payload_ml`
        max_payload_ml -> BigInt,
        /// `hold_time_minutes`
        hold_time_minutes -> BigInt,
        /// `speed_kmh`
        speed_kmh -> BigInt,
        /// `vehicles`
        vehicles -> BigInt,
        /// `covers`
        covers -> Text,
        /// `hours`
        hours -> Text,
        /// `days`
        days -> Text,
        /// `packaging`
        packaging -> Text,
        /// `state`
        state -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// A person who signs in.
    users (id) {
        /// `id`
        id -> Text,
        /// `email`
        email -> Text,
        /// `display_name`
        display_name -> Text,
        /// `password_hash`
        password_hash -> Text,
        /// `role`
        role -> Text,
        /// `state`
        state -> Text,
        /// `token_epoch`
        token_epoch -> BigInt,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The sites a person acts for.
    user_sites (user_id, site_id) {
        /// `user_id`
        user_id -> Text,
        /// `site_id`
        site_id -> Text,
    }
}

diesel::table! {
    /// A machine client.
    clients (id) {
        /// `id`
        id -> Text,
        /// `name`
        name -> Text,
        /// `role`
        role -> Text,
        /// `secret_hash`
        secret_hash -> Nullable<Text>,
        /// `jwks`
        jwks -> Nullable<Text>,
        /// `state`
        state -> Text,
        /// `token_epoch`
        token_epoch -> BigInt,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The sites a client acts for.
    client_sites (client_id, site_id) {
        /// `client_id`
        client_id -> Text,
        /// `site_id`
        site_id -> Text,
    }
}

diesel::table! {
    /// Client assertions already used once.
    spent_assertions (client_id, jti) {
        /// `client_id`
        client_id -> Text,
        /// `jti`
        jti -> Text,
        /// `expires_at`
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// A person who is signed in to the portal.
    portal_sessions (token_hash) {
        /// `token_hash`
        token_hash -> Text,
        /// `user_id`
        user_id -> Text,
        /// `token_epoch`
        token_epoch -> BigInt,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `created_at`
        created_at -> BigInt,
        /// `seen_at`
        seen_at -> BigInt,
        /// `ends_at`
        ends_at -> BigInt,
    }
}

diesel::table! {
    /// How a person wants the portal.
    user_settings (user_id, name) {
        /// `user_id`
        user_id -> Text,
        /// `name`
        name -> Text,
        /// `value`
        value -> Text,
    }
}

diesel::table! {
    /// Keys that sign access tokens.
    signing_keys (kid) {
        /// `kid`
        kid -> Text,
        /// `state`
        state -> Text,
        /// `public_jwk`
        public_jwk -> Text,
        /// `private_wrapped`
        private_wrapped -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `activated_at`
        activated_at -> Nullable<BigInt>,
        /// `retires_at`
        retires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A lot with its whole safety record.
    lots (id) {
        /// `id`
        id -> Text,
        /// `bank_site_id`
        bank_site_id -> Text,
        /// `code`
        code -> Text,
        /// `state`
        state -> Text,
        /// `policy_set_id`
        policy_set_id -> Text,
        /// `form`
        form -> Text,
        /// `milk_type`
        milk_type -> Text,
        /// `donor_count`
        donor_count -> BigInt,
        /// `dairy_free`
        dairy_free -> Bool,
        /// `cmv_negative`
        cmv_negative -> Bool,
        /// `expressed_from`
        expressed_from -> Text,
        /// `expressed_to`
        expressed_to -> Text,
        /// `pasteurised_at`
        pasteurised_at -> Nullable<BigInt>,
        /// `expires_at`
        expires_at -> BigInt,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `protein_mg_per_dl`
        protein_mg_per_dl -> Nullable<BigInt>,
        /// `energy_kcal_per_dl`
        energy_kcal_per_dl -> Nullable<BigInt>,
        /// `record`
        record -> Text,
        /// `din`
        din -> Nullable<Text>,
        /// `product_code`
        product_code -> Nullable<Text>,
        /// `cycle_ref`
        cycle_ref -> Nullable<Text>,
        /// `device_ref`
        device_ref -> Nullable<Text>,
        /// `pool_ref`
        pool_ref -> Nullable<Text>,
        /// `released_at`
        released_at -> Nullable<BigInt>,
        /// `released_by`
        released_by -> Nullable<Text>,
        /// `registered_at`
        registered_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// Pseudonymous donors of a lot, for look-back.
    lot_donors (lot_id, donor_ref) {
        /// `lot_id`
        lot_id -> Text,
        /// `donor_ref`
        donor_ref -> Text,
    }
}

diesel::table! {
    /// Published offers of stock.
    surplus (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `state`
        state -> Text,
        /// `reason`
        reason -> Text,
        /// `available_from`
        available_from -> BigInt,
        /// `available_until`
        available_until -> BigInt,
        /// `min_transfer_ml`
        min_transfer_ml -> BigInt,
        /// `price_per_litre_minor`
        price_per_litre_minor -> Nullable<BigInt>,
        /// `currency`
        currency -> Nullable<Text>,
        /// `published_by`
        published_by -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
        /// `confirmed_at`
        confirmed_at -> BigInt,
        /// `confirmation_asked_at`
        confirmation_asked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One lot and bottle size within a surplus: a line of the board.
    surplus_lines (id) {
        /// `id`
        id -> Text,
        /// `surplus_id`
        surplus_id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `lot_id`
        lot_id -> Text,
        /// `size_ml`
        size_ml -> BigInt,
        /// `published_bottles`
        published_bottles -> BigInt,
        /// `available_bottles`
        available_bottles -> BigInt,
        /// `expires_at`
        expires_at -> BigInt,
        /// `milk_type`
        milk_type -> Text,
        /// `form`
        form -> Text,
        /// `donor_count`
        donor_count -> BigInt,
        /// `dairy_free`
        dairy_free -> Bool,
        /// `cmv_negative`
        cmv_negative -> Bool,
        /// `protein_mg_per_dl`
        protein_mg_per_dl -> Nullable<BigInt>,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// A request for milk.
    requests (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `kind`
        kind -> Text,
        /// `state`
        state -> Text,
        /// `tier`
        tier -> BigInt,
        /// `urgency`
        urgency -> Text,
        /// `infant_ref`
        infant_ref -> Nullable<Text>,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `allocated_ml`
        allocated_ml -> BigInt,
        /// `delivered_ml`
        delivered_ml -> BigInt,
        /// `needed_by`
        needed_by -> BigInt,
        /// `last_use_at`
        last_use_at -> BigInt,
        /// `all_or_nothing`
        all_or_nothing -> Bool,
        /// `max_lots`
        max_lots -> Nullable<BigInt>,
        /// `profile`
        profile -> Nullable<Text>,
        /// `constraints`
        constraints -> Text,
        /// `preferences`
        preferences -> Text,
        /// `accepts_forms`
        accepts_forms -> Text,
        /// `prescription_ref`
        prescription_ref -> Nullable<Text>,
        /// `consent_ref`
        consent_ref -> Nullable<Text>,
        /// `hours_of_stock`
        hours_of_stock -> Nullable<BigInt>,
        /// `reason`
        reason -> Nullable<Text>,
        /// `requested_by`
        requested_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `first_offer_at`
        first_offer_at -> Nullable<BigInt>,
        /// `closed_at`
        closed_at -> Nullable<BigInt>,
        /// `close_reason`
        close_reason -> Nullable<Text>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// One run of the matching.
    match_runs (id) {
        /// `id`
        id -> Text,
        /// `started_at`
        started_at -> BigInt,
        /// `trigger_reason`
        trigger_reason -> Text,
        /// `input_hash`
        input_hash -> Text,
        /// `open_requests`
        open_requests -> BigInt,
        /// `supply_lines`
        supply_lines -> BigInt,
        /// `offers_made`
        offers_made -> BigInt,
        /// `planned_ml`
        planned_ml -> BigInt,
        /// `status`
        status -> Text,
        /// `served`
        served -> Text,
        /// `duration_us`
        duration_us -> BigInt,
    }
}

diesel::table! {
    /// Why a request got what it got in a run.
    match_explanations (run_id, request_id) {
        /// `run_id`
        run_id -> Text,
        /// `request_id`
        request_id -> Text,
        /// `explanation`
        explanation -> Text,
    }
}

diesel::table! {
    /// A timed proposal to the holding site.
    offers (id) {
        /// `id`
        id -> Text,
        /// `match_run_id`
        match_run_id -> Nullable<Text>,
        /// `request_id`
        request_id -> Text,
        /// `from_site_id`
        from_site_id -> Text,
        /// `to_site_id`
        to_site_id -> Text,
        /// `state`
        state -> Text,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `bottles`
        bottles -> BigInt,
        /// `proposed_at`
        proposed_at -> BigInt,
        /// `answer_by`
        answer_by -> BigInt,
        /// `decided_at`
        decided_at -> Nullable<BigInt>,
        /// `decided_by`
        decided_by -> Nullable<Text>,
        /// `decline_reason`
        decline_reason -> Nullable<Text>,
        /// `decline_note`
        decline_note -> Nullable<Text>,
        /// `by_standing_rule`
        by_standing_rule -> Bool,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// Bottles promised by an offer; a bottle has at most one live promise.
    offer_bottles (offer_id, bottle_id) {
        /// `offer_id`
        offer_id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
        /// `surplus_line_id`
        surplus_line_id -> Nullable<Text>,
        /// `ended_at`
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Milk promised to a request by an accepted offer.
    allocations (id) {
        /// `id`
        id -> Text,
        /// `offer_id`
        offer_id -> Text,
        /// `request_id`
        request_id -> Text,
        /// `from_site_id`
        from_site_id -> Text,
        /// `to_site_id`
        to_site_id -> Text,
        /// `state`
        state -> Text,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `bottles`
        bottles -> BigInt,
        /// `lapses_at`
        lapses_at -> BigInt,
        /// `transfer_id`
        transfer_id -> Nullable<Text>,
        /// `created_at`
        created_at -> BigInt,
        /// `ended_at`
        ended_at -> Nullable<BigInt>,
        /// `end_reason`
        end_reason -> Nullable<Text>,
        /// `doubted_at`
        doubted_at -> Nullable<BigInt>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A journey of bottles between two sites.
    transfers (id) {
        /// `id`
        id -> Text,
        /// `from_site_id`
        from_site_id -> Text,
        /// `to_site_id`
        to_site_id -> Text,
        /// `state`
        state -> Text,
        /// `courier_id`
        courier_id -> Nullable<Text>,
        /// `planned_pickup_at`
        planned_pickup_at -> BigInt,
        /// `planned_delivery_at`
        planned_delivery_at -> BigInt,
        /// `max_temperature_hundredths`
        max_temperature_hundredths -> BigInt,
        /// `tolerance_minutes`
        tolerance_minutes -> BigInt,
        /// `peak_limit_hundredths`
        peak_limit_hundredths -> BigInt,
        /// `gap_limit_minutes`
        gap_limit_minutes -> BigInt,
        /// `max_duration_minutes`
        max_duration_minutes -> BigInt,
        /// `packaging`
        packaging -> Text,
        /// `seal_number`
        seal_number -> Nullable<Text>,
        /// `logger_ref`
        logger_ref -> Nullable<Text>,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `bottles`
        bottles -> BigInt,
        /// `distance_m`
        distance_m -> BigInt,
        /// `packed_at`
        packed_at -> Nullable<BigInt>,
        /// `collected_at`
        collected_at -> Nullable<BigInt>,
        /// `delivered_at`
        delivered_at -> Nullable<BigInt>,
        /// `received_at`
        received_at -> Nullable<BigInt>,
        /// `highest_hundredths`
        highest_hundredths -> Nullable<BigInt>,
        /// `minutes_above_limit`
        minutes_above_limit -> Nullable<BigInt>,
        /// `longest_gap_minutes`
        longest_gap_minutes -> Nullable<BigInt>,
        /// `verdict`
        verdict -> Nullable<Text>,
        /// `handover_code`
        handover_code -> Nullable<Text>,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// The manifest; a bottle is in at most one live transfer.
    transfer_bottles (transfer_id, bottle_id) {
        /// `transfer_id`
        transfer_id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
        /// `allocation_id`
        allocation_id -> Text,
        /// `outcome`
        outcome -> Nullable<Text>,
        /// `outcome_reason`
        outcome_reason -> Nullable<Text>,
        /// `ended_at`
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// One bottle of a lot.
    bottles (id) {
        /// `id`
        id -> Text,
        /// `lot_id`
        lot_id -> Text,
        /// `division`
        division -> BigInt,
        /// `size_ml`
        size_ml -> BigInt,
        /// `site_id`
        site_id -> Text,
        /// `state`
        state -> Text,
        /// `surplus_line_id`
        surplus_line_id -> Nullable<Text>,
        /// `offer_id`
        offer_id -> Nullable<Text>,
        /// `transfer_id`
        transfer_id -> Nullable<Text>,
        /// `for_request_id`
        for_request_id -> Nullable<Text>,
        /// `thawed_at`
        thawed_at -> Nullable<BigInt>,
        /// `thaw_ends_at`
        thaw_ends_at -> Nullable<BigInt>,
        /// `fed_ml`
        fed_ml -> BigInt,
        /// `discarded_ml`
        discarded_ml -> BigInt,
        /// `fate_reason`
        fate_reason -> Nullable<Text>,
        /// `closed_at`
        closed_at -> Nullable<BigInt>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// Which infant was fed from which bottle.
    feeds (id) {
        /// `id`
        id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `infant_ref`
        infant_ref -> Text,
        /// `volume_ml`
        volume_ml -> BigInt,
        /// `fed_at`
        fed_at -> BigInt,
        /// `recorded_by`
        recorded_by -> Text,
        /// `recorded_at`
        recorded_at -> BigInt,
    }
}

diesel::table! {
    /// Steps of custody; only added to.
    custody_events (id) {
        /// `id`
        id -> Text,
        /// `transfer_id`
        transfer_id -> Text,
        /// `kind`
        kind -> Text,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `actor`
        actor -> Text,
        /// `device_at`
        device_at -> BigInt,
        /// `recorded_at`
        recorded_at -> BigInt,
        /// `seal_number`
        seal_number -> Nullable<Text>,
        /// `condition`
        condition -> Nullable<Text>,
        /// `step_ref`
        step_ref -> Nullable<Text>,
    }
}

diesel::table! {
    /// Temperatures of a transfer's logger.
    readings (transfer_id, logger_ref, measured_at) {
        /// `transfer_id`
        transfer_id -> Text,
        /// `logger_ref`
        logger_ref -> Text,
        /// `measured_at`
        measured_at -> BigInt,
        /// `temperature_hundredths`
        temperature_hundredths -> BigInt,
        /// `recorded_at`
        recorded_at -> BigInt,
        /// `logger_file_id`
        logger_file_id -> Nullable<Text>,
    }
}

diesel::table! {
    /// A temperature excursion and who closed it.
    excursions (id) {
        /// `id`
        id -> Text,
        /// `transfer_id`
        transfer_id -> Nullable<Text>,
        /// `storage_unit_id`
        storage_unit_id -> Nullable<Text>,
        /// `site_id`
        site_id -> Text,
        /// `kind`
        kind -> Text,
        /// `state`
        state -> Text,
        /// `peak_hundredths`
        peak_hundredths -> Nullable<BigInt>,
        /// `minutes_above_limit`
        minutes_above_limit -> BigInt,
        /// `longest_gap_minutes`
        longest_gap_minutes -> BigInt,
        /// `opened_at`
        opened_at -> BigInt,
        /// `acknowledged_at`
        acknowledged_at -> Nullable<BigInt>,
        /// `acknowledged_by`
        acknowledged_by -> Nullable<Text>,
        /// `disposition`
        disposition -> Nullable<Text>,
        /// `disposition_reason`
        disposition_reason -> Nullable<Text>,
        /// `dispositioned_at`
        dispositioned_at -> Nullable<BigInt>,
        /// `dispositioned_by`
        dispositioned_by -> Nullable<Text>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A hold on a lot or on one bottle.
    holds (id) {
        /// `id`
        id -> Text,
        /// `lot_id`
        lot_id -> Nullable<Text>,
        /// `bottle_id`
        bottle_id -> Nullable<Text>,
        /// `site_id`
        site_id -> Text,
        /// `reason`
        reason -> Text,
        /// `placed_by`
        placed_by -> Text,
        /// `placed_at`
        placed_at -> BigInt,
        /// `lifted_by`
        lifted_by -> Nullable<Text>,
        /// `lifted_at`
        lifted_at -> Nullable<BigInt>,
        /// `lift_reason`
        lift_reason -> Nullable<Text>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// An exception to a refusal that allows one; never to 2, 3, 4 or 5.
    exceptions (id) {
        /// `id`
        id -> Text,
        /// `refusal_number`
        refusal_number -> BigInt,
        /// `code`
        code -> Text,
        /// `subject_kind`
        subject_kind -> Text,
        /// `subject_id`
        subject_id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `other_site_id`
        other_site_id -> Nullable<Text>,
        /// `clinician_id`
        clinician_id -> Text,
        /// `reason`
        reason -> Text,
        /// `expires_at`
        expires_at -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// A closed site or road.
    closures (id) {
        /// `id`
        id -> Text,
        /// `kind`
        kind -> Text,
        /// `site_ids`
        site_ids -> Text,
        /// `state`
        state -> Text,
        /// `starts_at`
        starts_at -> BigInt,
        /// `ends_at`
        ends_at -> Nullable<BigInt>,
        /// `note`
        note -> Nullable<Text>,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// A recall: freezes first, then lists and asks.
    recalls (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `scope`
        scope -> Text,
        /// `reason`
        reason -> Text,
        /// `selector`
        selector -> Text,
        /// `state`
        state -> Text,
        /// `respond_by`
        respond_by -> BigInt,
        /// `frozen_at`
        frozen_at -> BigInt,
        /// `frozen_bottles`
        frozen_bottles -> BigInt,
        /// `frozen_ml`
        frozen_ml -> BigInt,
        /// `closed_at`
        closed_at -> Nullable<BigInt>,
        /// `drill`
        drill -> Bool,
        /// `listed_us`
        listed_us -> BigInt,
        /// `escalated_at`
        escalated_at -> Nullable<BigInt>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// The lots of a recall.
    recall_lots (recall_id, lot_id) {
        /// `recall_id`
        recall_id -> Text,
        /// `lot_id`
        lot_id -> Text,
    }
}

diesel::table! {
    /// What each site answered to a recall.
    recall_answers (recall_id, site_id) {
        /// `recall_id`
        recall_id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `asked_at`
        asked_at -> BigInt,
        /// `acknowledged_at`
        acknowledged_at -> Nullable<BigInt>,
        /// `acknowledged_by`
        acknowledged_by -> Nullable<Text>,
        /// `held_ml`
        held_ml -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// The feed; pos is dense and given after commit.
    events (seq) {
        /// `seq`
        seq -> BigInt,
        /// `pos`
        pos -> Nullable<BigInt>,
        /// `id`
        id -> Text,
        /// `at`
        at -> BigInt,
        /// `kind`
        kind -> Text,
        /// `subject_kind`
        subject_kind -> Text,
        /// `subject_id`
        subject_id -> Text,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `other_site_id`
        other_site_id -> Nullable<Text>,
        /// `network`
        network -> Bool,
        /// `data`
        data -> Text,
    }
}

diesel::table! {
    /// Who did what; only added to.
    audit_entries (seq) {
        /// `seq`
        seq -> BigInt,
        /// `at`
        at -> BigInt,
        /// `actor_kind`
        actor_kind -> Text,
        /// `actor_id`
        actor_id -> Text,
        /// `role`
        role -> Text,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `action`
        action -> Text,
        /// `subject_kind`
        subject_kind -> Text,
        /// `subject_id`
        subject_id -> Text,
        /// `trace_id`
        trace_id -> Nullable<Text>,
        /// `detail`
        detail -> Text,
        /// `pos`
        pos -> Nullable<BigInt>,
        /// `hash`
        hash -> Nullable<Text>,
    }
}

diesel::table! {
    /// Answers already given, by actor, route and key.
    idempotency_keys (actor, route, idem_key) {
        /// `actor`
        actor -> Text,
        /// `route`
        route -> Text,
        /// `idem_key`
        idem_key -> Text,
        /// `fingerprint`
        fingerprint -> Text,
        /// `status`
        status -> Nullable<BigInt>,
        /// `body`
        body -> Nullable<Text>,
        /// `headers`
        headers -> Nullable<Text>,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Single values the hub keeps about itself.
    hub_settings (name) {
        /// `name`
        name -> Text,
        /// `value`
        value -> Text,
    }
}

diesel::table! {
    /// A freezer or fridge of a site.
    storage_units (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `code`
        code -> Text,
        /// `name`
        name -> Text,
        /// `max_temperature_hundredths`
        max_temperature_hundredths -> BigInt,
        /// `peak_hundredths`
        peak_hundredths -> BigInt,
        /// `tolerance_minutes`
        tolerance_minutes -> BigInt,
        /// `silent_after_minutes`
        silent_after_minutes -> BigInt,
        /// `logger_ref`
        logger_ref -> Nullable<Text>,
        /// `last_reading_at`
        last_reading_at -> Nullable<BigInt>,
        /// `state`
        state -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Which bottle stood in which storage unit, and when.
    storage_stays (storage_unit_id, bottle_id, from_at) {
        /// `storage_unit_id`
        storage_unit_id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
        /// `from_at`
        from_at -> BigInt,
        /// `until_at`
        until_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Temperatures of a storage unit's logger.
    storage_readings (storage_unit_id, logger_ref, measured_at) {
        /// `storage_unit_id`
        storage_unit_id -> Text,
        /// `logger_ref`
        logger_ref -> Text,
        /// `measured_at`
        measured_at -> BigInt,
        /// `temperature_hundredths`
        temperature_hundredths -> BigInt,
        /// `recorded_at`
        recorded_at -> BigInt,
        /// `logger_file_id`
        logger_file_id -> Nullable<Text>,
    }
}

diesel::table! {
    /// A logger file as it came, with what was made of it.
    logger_files (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `subject_kind`
        subject_kind -> Text,
        /// `subject_id`
        subject_id -> Text,
        /// `sha256`
        sha256 -> Text,
        /// `format`
        format -> Text,
        /// `logger_ref`
        logger_ref -> Text,
        /// `time_zone`
        time_zone -> Nullable<Text>,
        /// `size_bytes`
        size_bytes -> BigInt,
        /// `content`
        content -> Text,
        /// `rows_read`
        rows_read -> BigInt,
        /// `rows_stored`
        rows_stored -> BigInt,
        /// `rows_repeated`
        rows_repeated -> BigInt,
        /// `rows_refused`
        rows_refused -> BigInt,
        /// `report`
        report -> Text,
        /// `uploaded_by`
        uploaded_by -> Text,
        /// `uploaded_at`
        uploaded_at -> BigInt,
        /// `read_sha256`
        read_sha256 -> Text,
        /// `turn`
        turn -> BigInt,
    }
}

diesel::table! {
    /// Files that were read wrongly and put right: what they said is kept and no longer counts.
    logger_file_corrections (replaced_id) {
        /// `replaced_id`
        replaced_id -> Text,
        /// `subject_id`
        subject_id -> Text,
        /// `logger_file_id`
        logger_file_id -> Text,
    }
}

diesel::table! {
    /// Days of a logger that keeps only extremes.
    reading_intervals (logger_file_id, row_number) {
        /// `logger_file_id`
        logger_file_id -> Text,
        /// `row_number`
        row_number -> BigInt,
        /// `subject_id`
        subject_id -> Text,
        /// `logger_ref`
        logger_ref -> Text,
        /// `starts_at`
        starts_at -> BigInt,
        /// `ends_at`
        ends_at -> BigInt,
        /// `lowest_hundredths`
        lowest_hundredths -> BigInt,
        /// `highest_hundredths`
        highest_hundredths -> BigInt,
        /// `minutes_above_limit`
        minutes_above_limit -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// How the files of another maker are read.
    logger_mappings (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `name`
        name -> Text,
        /// `document`
        document -> Text,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The bottles that an excursion of a storage unit concerns.
    excursion_bottles (excursion_id, bottle_id) {
        /// `excursion_id`
        excursion_id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
    }
}

diesel::table! {
    /// Something that did not fit, until somebody has settled it.
    discrepancy_cases (id) {
        /// `id`
        id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `other_site_id`
        other_site_id -> Nullable<Text>,
        /// `transfer_id`
        transfer_id -> Nullable<Text>,
        /// `kind`
        kind -> Text,
        /// `state`
        state -> Text,
        /// `detail`
        detail -> Text,
        /// `opened_at`
        opened_at -> BigInt,
        /// `closed_at`
        closed_at -> Nullable<BigInt>,
        /// `closed_by`
        closed_by -> Nullable<Text>,
        /// `resolution`
        resolution -> Nullable<Text>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// The deposits in a lot, by the bank's own numbers.
    lot_deposits (lot_id, deposit_ref) {
        /// `lot_id`
        lot_id -> Text,
        /// `deposit_ref`
        deposit_ref -> Text,
    }
}

diesel::table! {
    /// The single bottles of a recall that takes no whole lots.
    recall_bottles (recall_id, bottle_id) {
        /// `recall_id`
        recall_id -> Text,
        /// `bottle_id`
        bottle_id -> Text,
    }
}

diesel::table! {
    /// Under which facility number and licence a site prints ISBT 128 labels.
    label_licences (site_id) {
        /// `site_id`
        site_id -> Text,
        /// `facility_number`
        facility_number -> Text,
        /// `licence_statement`
        licence_statement -> Text,
        /// `recorded_by`
        recorded_by -> Text,
        /// `recorded_at`
        recorded_at -> BigInt,
    }
}

diesel::table! {
    /// A vehicle of a courier, with what it can carry and what it costs.
    vehicles (id) {
        /// `id`
        id -> Text,
        /// `courier_id`
        courier_id -> Text,
        /// `code`
        code -> Text,
        /// `name`
        name -> Text,
        /// `kind`
        kind -> Text,
        /// `base_site_id`
        base_site_id -> Text,
        /// `boxes`
        boxes -> BigInt,
        /// `box_ml`
        box_ml -> BigInt,
        /// `packaging`
        packaging -> Text,
        /// `hold_time_minutes`
        hold_time_minutes -> BigInt,
        /// `speed_kmh`
        speed_kmh -> BigInt,
        /// `cents_per_km`
        cents_per_km -> BigInt,
        /// `cents_per_hour`
        cents_per_hour -> BigInt,
        /// `cents_per_start`
        cents_per_start -> BigInt,
        /// `state`
        state -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// A driver with a vehicle, from a depot, between two instants.
    shifts (id) {
        /// `id`
        id -> Text,
        /// `vehicle_id`
        vehicle_id -> Text,
        /// `courier_id`
        courier_id -> Text,
        /// `driver_ref`
        driver_ref -> Nullable<Text>,
        /// `start_site_id`
        start_site_id -> Text,
        /// `end_site_id`
        end_site_id -> Nullable<Text>,
        /// `starts_at`
        starts_at -> BigInt,
        /// `ends_at`
        ends_at -> BigInt,
        /// `last_pickup_at`
        last_pickup_at -> Nullable<BigInt>,
        /// `state`
        state -> Text,
        /// `version`
        version -> BigInt,
        /// `created_at`
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The journey of one vehicle in one shift.
    routes (id) {
        /// `id`
        id -> Text,
        /// `shift_id`
        shift_id -> Text,
        /// `vehicle_id`
        vehicle_id -> Text,
        /// `courier_id`
        courier_id -> Text,
        /// `state`
        state -> Text,
        /// `starts_at`
        starts_at -> BigInt,
        /// `ends_at`
        ends_at -> BigInt,
        /// `distance_m`
        distance_m -> BigInt,
        /// `duration_s`
        duration_s -> BigInt,
        /// `cost_cents`
        cost_cents -> BigInt,
        /// `assigned_at`
        assigned_at -> Nullable<BigInt>,
        /// `assigned_by`
        assigned_by -> Nullable<Text>,
        /// `started_at`
        started_at -> Nullable<BigInt>,
        /// `finished_at`
        finished_at -> Nullable<BigInt>,
        /// `heard_at`
        heard_at -> Nullable<BigInt>,
        /// `check_at`
        check_at -> BigInt,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A stop of a route: one transfer comes aboard or leaves.
    route_stops (id) {
        /// `id`
        id -> Text,
        /// `route_id`
        route_id -> Text,
        /// `position`
        position -> BigInt,
        /// `kind`
        kind -> Text,
        /// `transfer_id`
        transfer_id -> Text,
        /// `site_id`
        site_id -> Text,
        /// `opens_at`
        opens_at -> BigInt,
        /// `due_at`
        due_at -> BigInt,
        /// `planned_at`
        planned_at -> BigInt,
        /// `leaves_at`
        leaves_at -> BigInt,
        /// `eta_at`
        eta_at -> BigInt,
        /// `state`
        state -> Text,
        /// `arrived_at`
        arrived_at -> Nullable<BigInt>,
        /// `done_at`
        done_at -> Nullable<BigInt>,
        /// `problem`
        problem -> Nullable<Text>,
        /// `note`
        note -> Nullable<Text>,
        /// `proof`
        proof -> Nullable<Text>,
    }
}

diesel::table! {
    /// What changed at each version of a route.
    route_changes (route_id, version) {
        /// `route_id`
        route_id -> Text,
        /// `version`
        version -> BigInt,
        /// `at`
        at -> BigInt,
        /// `actor`
        actor -> Text,
        /// `what`
        what -> Text,
        /// `detail`
        detail -> Text,
    }
}

diesel::table! {
    /// A link that opens one route of one shift on a phone.
    driver_links (id) {
        /// `id`
        id -> Text,
        /// `route_id`
        route_id -> Text,
        /// `shift_id`
        shift_id -> Text,
        /// `secret_hash`
        secret_hash -> Text,
        /// `device`
        device -> Nullable<Text>,
        /// `expires_at`
        expires_at -> BigInt,
        /// `revoked_at`
        revoked_at -> Nullable<BigInt>,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `opened_at`
        opened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Steps that a phone has reported, by its own keys.
    driver_steps (route_id, step_ref) {
        /// `route_id`
        route_id -> Text,
        /// `step_ref`
        step_ref -> Text,
        /// `stop_id`
        stop_id -> Nullable<Text>,
        /// `kind`
        kind -> Text,
        /// `device_at`
        device_at -> BigInt,
        /// `recorded_at`
        recorded_at -> BigInt,
        /// `answer`
        answer -> Text,
    }
}

diesel::table! {
    /// What a driver's phone shows of a hand-over: a small photograph in base64, or the strokes of a signature. A stop
    /// names it by its hash, so that what was kept cannot be changed afterwards.
    stop_proofs (route_id, digest) {
        /// `route_id`
        route_id -> Text,
        /// `digest`
        digest -> Text,
        /// `kind`
        kind -> Text,
        /// `content`
        content -> Text,
        /// `recorded_at`
        recorded_at -> BigInt,
    }
}

diesel::table! {
    /// Where a vehicle was last.
    vehicle_positions (vehicle_id) {
        /// `vehicle_id`
        vehicle_id -> Text,
        /// `route_id`
        route_id -> Nullable<Text>,
        /// `latitude_e6`
        latitude_e6 -> BigInt,
        /// `longitude_e6`
        longitude_e6 -> BigInt,
        /// `at`
        at -> BigInt,
        /// `recorded_at`
        recorded_at -> BigInt,
    }
}

diesel::table! {
    /// A route that is late, silent or warm, until somebody has seen to it.
    route_alarms (id) {
        /// `id`
        id -> Text,
        /// `route_id`
        route_id -> Text,
        /// `transfer_id`
        transfer_id -> Nullable<Text>,
        /// `kind`
        kind -> Text,
        /// `state`
        state -> Text,
        /// `slack_minutes`
        slack_minutes -> Nullable<BigInt>,
        /// `opened_at`
        opened_at -> BigInt,
        /// `owner`
        owner -> Nullable<Text>,
        /// `acknowledged_at`
        acknowledged_at -> Nullable<BigInt>,
        /// `closed_at`
        closed_at -> Nullable<BigInt>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A route offered to a courier company.
    carrier_offers (id) {
        /// `id`
        id -> Text,
        /// `route_id`
        route_id -> Text,
        /// `courier_id`
        courier_id -> Text,
        /// `state`
        state -> Text,
        /// `answer_by`
        answer_by -> BigInt,
        /// `reason`
        reason -> Nullable<Text>,
        /// `answered_at`
        answered_at -> Nullable<BigInt>,
        /// `answered_by`
        answered_by -> Nullable<Text>,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A calendar that a secret address opens.
    calendars (id) {
        /// `id`
        id -> Text,
        /// `owner`
        owner -> Text,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `secret_hash`
        secret_hash -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `revoked_at`
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// A planning of routes, from the asking to its outcome.
    route_plans (id) {
        /// `id`
        id -> Text,
        /// `state`
        state -> Text,
        /// `command`
        command -> Text,
        /// `progress_permille`
        progress_permille -> BigInt,
        /// `routes`
        routes -> BigInt,
        /// `unassigned`
        unassigned -> BigInt,
        /// `cost_cents`
        cost_cents -> BigInt,
        /// `outcome`
        outcome -> Nullable<Text>,
        /// `cancel_asked_at`
        cancel_asked_at -> Nullable<BigInt>,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `moved_at`
        moved_at -> BigInt,
        /// `finished_at`
        finished_at -> Nullable<BigInt>,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// Road and time between two sites, as a routing service says.
    road_legs (from_site_id, to_site_id) {
        /// `from_site_id`
        from_site_id -> Text,
        /// `to_site_id`
        to_site_id -> Text,
        /// `distance_m`
        distance_m -> BigInt,
        /// `duration_s`
        duration_s -> BigInt,
        /// `asked_at`
        asked_at -> BigInt,
    }
}

diesel::table! {
    /// How long the road between two sites took, by hour of the day in UTC.
    leg_times (from_site_id, to_site_id, hour) {
        /// `from_site_id`
        from_site_id -> Text,
        /// `to_site_id`
        to_site_id -> Text,
        /// `hour`
        hour -> BigInt,
        /// `legs`
        legs -> BigInt,
        /// `total_s`
        total_s -> BigInt,
    }
}

diesel::table! {
    /// A validated packing.
    packings (id) {
        /// `id`
        id -> Text,
        /// `code`
        code -> Text,
        /// `courier_id`
        courier_id -> Nullable<Text>,
        /// `site_id`
        site_id -> Nullable<Text>,
        /// `container`
        container -> Text,
        /// `coolant`
        coolant -> Text,
        /// `capacity_ml`
        capacity_ml -> BigInt,
        /// `capacity_bottles`
        capacity_bottles -> Nullable<BigInt>,
        /// `containers`
        containers -> BigInt,
        /// `steps`
        steps -> Text,
        /// `validated_by`
        validated_by -> Text,
        /// `document_reference`
        document_reference -> Text,
        /// `validated_on`
        validated_on -> Text,
        /// `valid_until`
        valid_until -> Nullable<BigInt>,
        /// `state`
        state -> Text,
        /// `supersedes`
        supersedes -> Nullable<Text>,
        /// `ended_at`
        ended_at -> Nullable<BigInt>,
        /// `end_reason`
        end_reason -> Nullable<Text>,
        /// `created_by`
        created_by -> Text,
        /// `created_at`
        created_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// The weather that a site expects.
    site_climates (site_id) {
        /// `site_id`
        site_id -> Text,
        /// `highs`
        highs -> Text,
        /// `source`
        source -> Text,
        /// `noted_by`
        noted_by -> Text,
        /// `noted_at`
        noted_at -> BigInt,
    }
}

diesel::table! {
    /// What customs take at a border.
    border_times (border) {
        /// `border`
        border -> Text,
        /// `minutes`
        minutes -> BigInt,
        /// `source`
        source -> Text,
        /// `noted_by`
        noted_by -> Text,
        /// `noted_at`
        noted_at -> BigInt,
    }
}

diesel::table! {
    /// What a transfer was proven with.
    transfer_plans (transfer_id, revision) {
        /// `transfer_id`
        transfer_id -> Text,
        /// `revision`
        revision -> BigInt,
        /// `packing_id`
        packing_id -> Text,
        /// `containers`
        containers -> BigInt,
        /// `ambient_hundredths`
        ambient_hundredths -> Nullable<BigInt>,
        /// `hold_minutes`
        hold_minutes -> BigInt,
        /// `road_minutes`
        road_minutes -> BigInt,
        /// `margin_minutes`
        margin_minutes -> BigInt,
        /// `cut_off_at`
        cut_off_at -> Nullable<BigInt>,
        /// `door_closes_at`
        door_closes_at -> Nullable<BigInt>,
        /// `proven_at`
        proven_at -> BigInt,
    }
}

diesel::joinable!(shifts -> vehicles (vehicle_id));
diesel::joinable!(routes -> shifts (shift_id));
diesel::joinable!(route_stops -> routes (route_id));
diesel::joinable!(route_stops -> transfers (transfer_id));

diesel::table! {
    /// An address that is told what happens.
    webhooks (id) {
        /// `id`
        id -> Text,
        /// `owner_kind`
        owner_kind -> Text,
        /// `owner_id`
        owner_id -> Text,
        /// `name`
        name -> Text,
        /// `url`
        url -> Text,
        /// `kinds`
        kinds -> Text,
        /// `site_ids`
        site_ids -> Text,
        /// `state`
        state -> Text,
        /// `secret_no`
        secret_no -> BigInt,
        /// `secret_since`
        secret_since -> BigInt,
        /// `from_pos`
        from_pos -> BigInt,
        /// `failures`
        failures -> BigInt,
        /// `failing_since`
        failing_since -> Nullable<BigInt>,
        /// `next_at`
        next_at -> BigInt,
        /// `claimed_until`
        claimed_until -> Nullable<BigInt>,
        /// `claimed_by`
        claimed_by -> Nullable<Text>,
        /// `delivered_at`
        delivered_at -> Nullable<BigInt>,
        /// `created_at`
        created_at -> BigInt,
        /// `version`
        version -> BigInt,
    }
}

diesel::table! {
    /// A message to such an address.
    webhook_deliveries (id) {
        /// `id`
        id -> Text,
        /// `webhook_id`
        webhook_id -> Text,
        /// `event_id`
        event_id -> Text,
        /// `event_pos`
        event_pos -> BigInt,
        /// `kind`
        kind -> Text,
        /// `state`
        state -> Text,
        /// `attempts`
        attempts -> BigInt,
        /// `fault`
        fault -> Nullable<Text>,
        /// `status`
        status -> Nullable<BigInt>,
        /// `queued_at`
        queued_at -> BigInt,
        /// `attempted_at`
        attempted_at -> Nullable<BigInt>,
        /// `finished_at`
        finished_at -> Nullable<BigInt>,
    }
}
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));

diesel::joinable!(sites -> policy_sets (policy_set_id));
diesel::joinable!(policy_signatures -> sites (site_id));
diesel::joinable!(policy_signatures -> policy_sets (policy_set_id));
diesel::joinable!(agreement_members -> agreements (agreement_id));
diesel::joinable!(agreement_members -> sites (site_id));
diesel::joinable!(couriers -> sites (base_site_id));
diesel::joinable!(user_sites -> users (user_id));
diesel::joinable!(user_sites -> sites (site_id));
diesel::joinable!(client_sites -> clients (client_id));
diesel::joinable!(client_sites -> sites (site_id));
diesel::joinable!(spent_assertions -> clients (client_id));
diesel::joinable!(portal_sessions -> users (user_id));
diesel::joinable!(portal_sessions -> sites (site_id));
diesel::joinable!(user_settings -> users (user_id));
diesel::joinable!(lots -> sites (bank_site_id));
diesel::joinable!(lots -> policy_sets (policy_set_id));
diesel::joinable!(lot_donors -> lots (lot_id));
diesel::joinable!(surplus -> sites (site_id));
diesel::joinable!(surplus_lines -> surplus (surplus_id));
diesel::joinable!(surplus_lines -> sites (site_id));
diesel::joinable!(surplus_lines -> lots (lot_id));
diesel::joinable!(requests -> sites (site_id));
diesel::joinable!(match_explanations -> match_runs (run_id));
diesel::joinable!(match_explanations -> requests (request_id));
diesel::joinable!(offers -> match_runs (match_run_id));
diesel::joinable!(offers -> requests (request_id));
diesel::joinable!(offer_bottles -> offers (offer_id));
diesel::joinable!(offer_bottles -> bottles (bottle_id));
diesel::joinable!(offer_bottles -> surplus_lines (surplus_line_id));
diesel::joinable!(allocations -> offers (offer_id));
diesel::joinable!(allocations -> requests (request_id));
diesel::joinable!(allocations -> transfers (transfer_id));
diesel::joinable!(transfers -> couriers (courier_id));
diesel::joinable!(transfer_bottles -> transfers (transfer_id));
diesel::joinable!(transfer_bottles -> bottles (bottle_id));
diesel::joinable!(transfer_bottles -> allocations (allocation_id));
diesel::joinable!(bottles -> lots (lot_id));
diesel::joinable!(bottles -> sites (site_id));
diesel::joinable!(bottles -> surplus_lines (surplus_line_id));
diesel::joinable!(bottles -> offers (offer_id));
diesel::joinable!(bottles -> transfers (transfer_id));
diesel::joinable!(bottles -> requests (for_request_id));
diesel::joinable!(feeds -> bottles (bottle_id));
diesel::joinable!(feeds -> sites (site_id));
diesel::joinable!(custody_events -> transfers (transfer_id));
diesel::joinable!(custody_events -> sites (site_id));
diesel::joinable!(readings -> transfers (transfer_id));
diesel::joinable!(excursions -> transfers (transfer_id));
diesel::joinable!(excursions -> sites (site_id));
diesel::joinable!(holds -> lots (lot_id));
diesel::joinable!(holds -> bottles (bottle_id));
diesel::joinable!(holds -> sites (site_id));
diesel::joinable!(recalls -> sites (site_id));
diesel::joinable!(recall_lots -> recalls (recall_id));
diesel::joinable!(recall_lots -> lots (lot_id));
diesel::joinable!(recall_answers -> recalls (recall_id));
diesel::joinable!(recall_answers -> sites (site_id));
diesel::joinable!(storage_units -> sites (site_id));
diesel::joinable!(storage_stays -> storage_units (storage_unit_id));
diesel::joinable!(storage_stays -> bottles (bottle_id));
diesel::joinable!(excursion_bottles -> excursions (excursion_id));
diesel::joinable!(excursion_bottles -> bottles (bottle_id));
diesel::joinable!(lot_deposits -> lots (lot_id));
diesel::joinable!(recall_bottles -> recalls (recall_id));
diesel::joinable!(recall_bottles -> bottles (bottle_id));
diesel::joinable!(discrepancy_cases -> transfers (transfer_id));
diesel::allow_tables_to_appear_in_same_query!(
    vehicles,
    shifts,
    routes,
    route_stops,
    route_changes,
    driver_links,
    driver_steps,
    stop_proofs,
    vehicle_positions,
    route_alarms,
    carrier_offers,
    calendars,
    route_plans,
    road_legs,
    leg_times,
    storage_units,
    storage_stays,
    storage_readings,
    logger_files,
    logger_file_corrections,
    reading_intervals,
    logger_mappings,
    excursion_bottles,
    discrepancy_cases,
    lot_deposits,
    recall_bottles,
    label_licences,
    sites,
    policy_sets,
    policy_signatures,
    agreements,
    agreement_members,
    couriers,
    packings,
    site_climates,
    border_times,
    transfer_plans,
    users,
    user_sites,
    clients,
    client_sites,
    spent_assertions,
    portal_sessions,
    user_settings,
    signing_keys,
    lots,
    lot_donors,
    surplus,
    surplus_lines,
    requests,
    match_runs,
    match_explanations,
    offers,
    offer_bottles,
    allocations,
    transfers,
    transfer_bottles,
    bottles,
    feeds,
    custody_events,
    readings,
    excursions,
    holds,
    exceptions,
    closures,
    recalls,
    recall_lots,
    recall_answers,
    events,
    audit_entries,
    idempotency_keys,
    hub_settings,
    webhooks,
    webhook_deliveries,
);
diesel::allow_columns_to_appear_in_same_group_by_clause!(
    offer_bottles::offer_id,
    lots::id,
    lots::code,
    lots::state,
    lots::expires_at,
    bottles::state,
    bottles::size_ml,
);
