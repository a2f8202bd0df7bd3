/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The 25 characters of a CIM datetime:
 *
 *     yyyymmddhhmmss.mmmmmmsutc   a point in time, offset in minutes
 *     ddddddddhhmmss.mmmmmm:000   an interval
 *
 * Digits that are not significant are '*', from the right.  In memory both
 * are microseconds and the number of significant digits.
 */

#include <config.h>

#include "schema/value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define N_DIGITS 20
#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define MAX_DAYS 99999999
#define MAX_UTC 840             /* minutes; +14:00 */

/* Days from 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t
days_of(int64_t year, unsigned int month, unsigned int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
           - 719468;
}

/* The inverse of days_of(). */
static void
date_of(int64_t days, int64_t *year, unsigned int *month, unsigned int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096)
                / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day = (unsigned int) (of_year - (153 * m + 2) / 5 + 1);
    *month = (unsigned int) (m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static unsigned int
days_in_month(int64_t year, unsigned int month)
{
    return (unsigned int) (days_of(month == 12 ? year + 1 : year,
                                   month == 12 ? 1 : month + 1, 1)
                           - days_of(year, month, 1));
}

/* The number in the digits [from, to), 0 where they are not significant. */
static unsigned int
field(const char *digits, int from, int to, int precision)
{
    unsigned int number = 0;

    for (int i = from; i < to; i++) {
        unsigned int digit = i < precision ? (unsigned int) (digits[i] - '0')
                                           : 0;

        number = number * 10 + digit;
    }
    return number;
}

/* Collects the 20 digits; returns how many are significant, or -1. */
static int
read_digits(const char *text, char digits[N_DIGITS])
{
    int precision = N_DIGITS;

    for (int i = 0; i < N_DIGITS; i++) {
        char c = text[i < 14 ? i : i + 1];

        if (c == '*') {
            precision = i < precision ? i : precision;
        } else if (c < '0' || c > '9' || precision != N_DIGITS) {
            return -1;
        }
        digits[i] = c;
    }
    return text[14] == '.' ? precision : -1;
}

/* Wildcards replace whole fields, or trailing digits of the fraction. */
static bool
is_boundary(int precision, bool is_interval)
{
    if (precision >= 14) {
        return true;
    }
    return precision % 2 == 0 && precision >= (is_interval ? 8 : 4);
}

static bool
read_date(const char *digits, int precision, int64_t *days)
{
    unsigned int year = field(digits, 0, 4, precision);
    unsigned int month = field(digits, 4, 6, precision);
    unsigned int day = field(digits, 6, 8, precision);

    month = precision < 6 ? 1 : month;
    day = precision < 8 ? 1 : day;
    if (month < 1 || month > 12 || day < 1
        || day > days_in_month(year, month)) {
        return false;
    }
    *days = days_of(year, month, day);
    return true;
}

static bool
read_offset(const char *text, int16_t *minutes)
{
    int number = 0;

    if (text[0] != '+' && text[0] != '-') {
        return false;
    }
    for (int i = 1; i < 4; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (text[i] - '0');
    }
    *minutes = (int16_t) (text[0] == '-' ? -number : number);
    return number <= MAX_UTC;
}

bool
datetime_parse(const char *text, struct xvs_datetime *out)
{
    struct xvs_datetime time = { 0 };
    char digits[N_DIGITS];
    int64_t days;
    int precision;

    if (strlen(text) != DATETIME_TEXT_SIZE - 1) {
        return false;
    }
    precision = read_digits(text, digits);
    time.is_interval = text[21] == ':';
    if (precision < 0 || !is_boundary(precision, time.is_interval)) {
        return false;
    }
    if (time.is_interval) {
        days = field(digits, 0, 8, precision);
        if (strcmp(text + 21, ":000") != 0) {
            return false;
        }
    } else if (!read_date(digits, precision, &days)
               || !read_offset(text + 21, &time.utc_minutes)) {
        return false;
    }
    unsigned int hour = field(digits, 8, 10, precision);
    unsigned int minute = field(digits, 10, 12, precision);
    unsigned int second = field(digits, 12, 14, precision);

    if (hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    time.microseconds = days * DAY
                        + (int64_t) (hour * 3600 + minute * 60 + second)
                              * SECOND
                        + field(digits, 14, 20, precision)
                        - time.utc_minutes * 60 * SECOND;
    time.precision = precision == N_DIGITS ? 0 : (uint8_t) precision;
    *out = time;
    return true;
}

/* A value that a plugin made up must still give 25 characters. */
static int64_t
clamp(int64_t number, int64_t low, int64_t high)
{
    return number < low ? low : number > high ? high : number;
}

static int64_t
write_date(const struct xvs_datetime *time, int utc, char *out, size_t size)
{
    int64_t first = days_of(0, 1, 1) * DAY;
    int64_t last = days_of(10000, 1, 1) * DAY - 1;
    int64_t local;
    int64_t days;
    int64_t year;
    unsigned int month;
    unsigned int day;

    local = clamp(time->microseconds, first - DAY, last + DAY);
    local = clamp(local + utc * 60 * SECOND, first, last);
    days = local / DAY - (local % DAY < 0);
    date_of(days, &year, &month, &day);
    snprintf(out, size, "%04u%02u%02u",
             (unsigned int) clamp(year, 0, 9999) % 10000u, month % 100u,
             day % 100u);
    return local - days * DAY;
}

char *
datetime_format(const struct xvs_datetime *time, char out[DATETIME_TEXT_SIZE])
{
    int utc = (int) clamp(time->utc_minutes, -MAX_UTC, MAX_UTC);
    char date[16];
    char tail[8];
    int64_t rest;

    if (time->is_interval) {
        int64_t all = clamp(time->microseconds, 0,
                            (MAX_DAYS + INT64_C(1)) * DAY - 1);

        snprintf(date, sizeof date, "%08u", (unsigned int) (all / DAY));
        snprintf(tail, sizeof tail, ":000");
        rest = all % DAY;
    } else {
        rest = write_date(time, utc, date, sizeof date);
        snprintf(tail, sizeof tail, "%c%03u", utc < 0 ? '-' : '+',
                 (unsigned int) (utc < 0 ? -utc : utc) % 1000u);
    }
    unsigned int seconds = (unsigned int) (rest / SECOND);

    snprintf(out, DATETIME_TEXT_SIZE, "%.8s%02u%02u%02u.%06u%.4s", date,
             seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
             (unsigned int) (rest % SECOND), tail);
    for (int i = time->precision; i > 0 && i < N_DIGITS; i++) {
        out[i < 14 ? i : i + 1] = '*';
    }
    return out;
}
