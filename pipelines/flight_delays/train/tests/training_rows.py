"""A table in the shape of the features, small and made up: late flights leave late, and more often in one carrier."""

import numpy as np
import pandas as pd


def training_rows(count: int = 600) -> pd.DataFrame:
    chosen = np.random.default_rng(7)
    minute = chosen.integers(300, 1400, count)
    carrier = chosen.choice(np.array(["UA", "DL", "EV"], dtype=object), count)
    risk = (minute - 300) / 2200 + 0.2 * (carrier == "EV")
    return pd.DataFrame(
        {
            "flight_id": [f"flight-{number}" for number in range(count)],
            "scheduled_departure": pd.Timestamp("2013-01-02 05:15", tz="America/New_York"),
            "late": chosen.random(count) < risk,
            "carrier": carrier,
            "manufacturer": pd.Series("BOEING", range(count)).mask(chosen.random(count) < 0.2),
            "departure_minute": minute,
            "wind_gust": np.where(chosen.random(count) < 0.7, np.nan, chosen.normal(25, 5, count)),
        }
    )
