"""Query parameters that say who followed a link, never which page it leads to (pure data).

A name belongs here only where leaving it out cannot change the page on any site. What is true of one site
is a `urls.SiteRule`; what depends on the value is in `dropped_for_value`.
"""

import re

_ADVERTISING = """
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid fbclid fb_action_ids fb_action_types fb_ref
    fb_source msclkid yclid ysclid ymclid _openstat twclid ttclid igshid igsh li_fat_id epik rb_clickid irclickid
"""
_ANALYTICS = """
    _ga _gl _gid _ke _hsenc _hsmi __hssc __hstc __hsfp hsctatracking mc_cid mc_eid mkt_tok oly_anon_id oly_enc_id
    vero_conv vero_id wickedid s_cid s_kwcid ml_subscriber ml_subscriber_hash guccounter guce_referrer
    guce_referrer_sig pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid piwik_campaign piwik_kwd
    wt_mc wt_zmc xtor ns_campaign ns_fee ns_linkname ns_mchannel ns_source at_campaign at_medium at_link_id
    at_link_origin at_link_type at_format at_ptr_name at_bbc_team cmpid __twitter_impression
    ga_campaign ga_medium ga_source
"""
_AMP = "amp_js_v amp_gsa amp_r usqp"
_SESSIONS = "phpsessid jsessionid cfid cftoken zenid oscsid"
_REFERRERS = "rss atom feed feeds rssfeed twitter facebook email newsletter social whatsapp telegram"

TRACKING = frozenset((_ADVERTISING + _ANALYTICS + _AMP + " " + _SESSIONS).split())
TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_", "itm_", "at_custom", "aspsessionid")

_VALUES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ref", "source", "src", "from"), frozenset(_REFERRERS.split())),
    "amp": frozenset({"", "0", "1", "true"}),
    "outputtype": frozenset({"amp"}),
    "output": frozenset({"amp"}),
}
_SESSION_VALUE = re.compile(r"[0-9a-fA-F]{26,64}")  # phpBB and others; "sid=123" is an article


def dropped_for_value(name: str, value: str) -> bool:
    """Whether this value makes the parameter (name in lower case) one that cannot change the page."""
    if values := _VALUES.get(name):
        return value.lower() in values
    return name in ("sid", "session_id", "sessionid") and _SESSION_VALUE.fullmatch(value) is not None
