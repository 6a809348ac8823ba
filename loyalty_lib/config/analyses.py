"""Settings of the analyses: how customers are scored, valued, asked and written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from loyalty_lib.config.base import Inside, Settings

ACTIONS: Final = (
    "win_back", "second_purchase", "do_not_lose", "anniversary", "renewal", "cross_sell", "upcoming",
)  # fmt: skip
Action = Literal["win_back", "second_purchase", "do_not_lose", "anniversary", "renewal", "cross_sell", "upcoming"]
Share = Annotated[float, Field(ge=0, le=1)]


def path_alone(value: Any) -> Any:
    """Let a file be named without more ado: ``survey: data/survey.csv``."""
    return {"path": value} if isinstance(value, str) else value


class Rfm(Settings):
    """RFM scoring: the window, the purchase counts that begin F scores 1 to 5, and the segment scheme.

    ``scheme`` is the name of a published one, or the client's own: boxes of scores by segment.
    """

    scheme: str | dict[str, tuple[str, ...]] = "rf_grid_10"
    window_months: int = Field(default=12, ge=1)
    frequency_cuts: tuple[int, int, int, int, int] = (1, 2, 3, 5, 8)

    @model_validator(mode="after")
    def _ascending(self) -> Rfm:
        if list(self.frequency_cuts) != sorted(set(self.frequency_cuts)):
            message = "frequency_cuts in ascending order, such as [1, 2, 3, 5, 8]"
            raise ValueError(message)
        return self


class Cohorts(Settings):
    """Cohorts: the length of their period, how many are shown, and what they are also divided by."""

    grain: Literal["week", "month", "quarter"] = "month"
    last: int = Field(default=12, ge=2, le=104)
    by: Literal["channel", "category", "country"] | None = None


class Clv(Settings):
    """Lifetime value: what the forecast is worth.  The rate and the margin are the client's own and have no default.

    ``model`` is that of repeat purchases; "auto" takes the one that forecast the hold-outs best.
    """

    yearly_discount_rate: float = Field(ge=0, lt=1)
    margin: float = Field(gt=0, le=1)
    horizon_months: int = Field(default=12, ge=1, le=60)
    holdout_weeks: int | None = Field(default=None, ge=4)
    model: Literal["bgnbd", "mbgnbd", "pnbd", "auto"] = "bgnbd"


class Assumption(Settings):
    """What one action is expected to do.

    Attributes
    ----------
    uplift
        How many more of a hundred customers written to buy than of those left alone, as a share: 0.03 for three.
    cost
        Of writing to one customer.
    reward
        Of what each customer who answers is given, such as a voucher.
    """

    uplift: Share
    cost: float = Field(default=0, ge=0)
    reward: float = Field(default=0, ge=0)


class Actions(Settings):
    """The lists of customers to write to, and what each is assumed to do; without an assumption a list has only a size.

    Attributes
    ----------
    threshold
        Probability of being active below which a customer counts as at risk.
    control
        Share of every list that is left alone, drawn at random.
    days
        How far ahead anniversaries, renewals and expected purchases are looked for, in days after the as-of date.
    budget
        To be divided over lists and segments.
    assumptions
        By list.
    """

    threshold: float = Field(default=0.5, gt=0, lt=1)
    control: float = Field(default=0.1, ge=0, lt=1)
    days: int = Field(default=30, ge=1, le=366)
    budget: float | None = Field(default=None, gt=0)
    assumptions: dict[Action, Assumption] = Field(default={})


class Tier(Settings):
    """A tier of a loyalty programme: its name, the yearly spend it begins at, and the share of spend it gives back."""

    name: str = Field(min_length=1)
    spend: float = Field(ge=0)
    reward: Share


class Members(Settings):
    """The list of a loyalty programme's members: one row a member, with the day of joining where it is known."""

    path: Inside
    customer_id: str = "customer_id"
    since: str = "since"


class Programme(Settings):
    """A loyalty programme: its tiers, lowest first, and its members where a list of them is given.

    Attributes
    ----------
    near
        Customers count as just below a threshold with this share of it still to spend, at most.
    """

    tiers: tuple[Tier, ...] = Field(min_length=1)
    members: Annotated[Members | None, BeforeValidator(path_alone)] = None
    near: float = Field(default=0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _rising(self) -> Programme:
        spends = [tier.spend for tier in self.tiers]
        if spends != sorted(set(spends)) or len({tier.name for tier in self.tiers}) < len(spends):
            message = "tiers with names of their own and rising spend"
            raise ValueError(message)
        return self


class Component(Settings):
    """A component of the engagement index: its weight, and the values that count as 0 and as 1.

    Without ``low`` and ``high`` these are the smallest and the largest of the reporting period.
    """

    weight: float = Field(gt=0)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Component:
        if self.low is not None and self.high is not None and self.low >= self.high:
            message = "low below high"
            raise ValueError(message)
        return self


def _weight_alone(value: Any) -> Any:
    return {"weight": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


Weighted = Annotated[Component | None, BeforeValidator(_weight_alone)]


class Engagement(Settings):
    """The engagement index: a weighted mean of components, each scaled to 0 to 1.  There is no standard recipe.

    Attributes
    ----------
    frequency
        Purchase days in the window.
    recency
        Days since the last purchase; fewer are better.
    categories
        Categories bought from in the window.
    nps
        The customer's latest answer, 0 to 10; customers without one are rated by the other components.
    window_months
        Length of the window in calendar months.
    """

    frequency: Weighted = None
    recency: Weighted = None
    categories: Weighted = None
    nps: Weighted = None
    window_months: int = Field(default=12, ge=1)

    @model_validator(mode="after")
    def _some(self) -> Engagement:
        if not any((self.frequency, self.recency, self.categories, self.nps)):
            message = "a weight for one of frequency, recency, categories, nps"
            raise ValueError(message)
        return self


def _amount_alone(value: Any) -> Any:
    return value if isinstance(value, Mapping) and set(value) == {"by_period"} else {"by_period": value}


class Costs(Settings):
    """What was spent on keeping customers: one amount for every period of the cadence, or amounts by period."""

    by_period: Annotated[float, Field(ge=0)] | dict[str, Annotated[float, Field(ge=0)]]


RetentionCost = Annotated[Costs, BeforeValidator(_amount_alone)]


class Survey(Settings):
    """Answers of customers: one row an answer, or an invitation without one.

    Attributes
    ----------
    customer_id, answered_on, nps, csat, weight
        The file's columns; those it does not have are left out.
    invited
        How many were asked, where the file holds only those who answered.
    csat_scale, csat_satisfied
        Lowest and highest answer to the question of satisfaction; the answer from which on one is satisfied.
    return_days
        Within how many days after the answer a purchase counts as coming back.
    """

    path: Inside
    customer_id: str = "customer_id"
    answered_on: str = "answered_on"
    nps: str = "nps"
    csat: str = "csat"
    weight: str = "weight"
    invited: int | None = Field(default=None, ge=1)
    csat_scale: tuple[int, int] = (1, 5)
    csat_satisfied: int = 4
    return_days: int = Field(default=90, ge=1)


class Complaints(Settings):
    """Complaints: one row each."""

    path: Inside
    customer_id: str = "customer_id"
    complained_on: str = "complained_on"
    return_days: int = Field(default=90, ge=1)


class Subscriptions(Settings):
    """Contracts: one row each, without an end while they run.

    Attributes
    ----------
    customer_id, start, end, plan, amount
        The file's columns; ``end`` is the first day without the contract.
    every_months
        How many months ``amount`` pays for: 1 for a monthly price, 12 for a yearly one.
    renewal_months
        How long a contract runs until it is renewed.
    """

    path: Inside
    customer_id: str = "customer_id"
    start: str = "start"
    end: str = "end"
    plan: str = "plan"
    amount: str = "amount"
    every_months: int = Field(default=1, ge=1)
    renewal_months: int = Field(default=12, ge=1)


class Contacts(Settings):
    """How customers are reached: one row a customer.  Read only where lists are written, never by a report.

    Attributes
    ----------
    customer_id, email, phone, birthday
        The file's columns; those it does not have are left out.
    consent_email, consent_sms
        Whether the customer agreed to be written to; without such a column nobody is.
    objection
        Whether the customer objected to marketing altogether.
    """

    path: Inside
    customer_id: str = "customer_id"
    email: str = "email"
    phone: str = "phone"
    consent_email: str = "consent_email"
    consent_sms: str = "consent_sms"
    objection: str = "objection"
    birthday: str = "birthday"
