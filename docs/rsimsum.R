# Reads the estimates of a run into rsimsum, and compares rsimsum's performance measures with those of mcdiv.
#
#   mcdiv run study.yaml --set save=estimates
#   Rscript docs/rsimsum.R results/study
#
# Prints, for each measure, how many values there are and their largest difference. Exit code 1 where one of them
# differs by more than 1e-10 of its size, 2 where there is nothing to compare.

suppressPackageStartupMessages(library(rsimsum))

# rsimsum's names of the measures, and mcdiv's.
names_of <- c(
  thetamean = "mean", bias = "bias", rbias = "relative_bias", empse = "sd", mse = "mse",
  relprec = "relative_precision", modelse = "modse", relerror = "relative_error_modse",
  cover = "coverage", becover = "bias_eliminated_coverage"
)
# Measures that are differences of numbers of the size of the estimates, or of 100 %: as many digits cancel.
cancelling <- c("bias", "rbias", "relprec", "relerror")
# Both take the same formula for the MCSE of these. For the others mcdiv does without rsimsum's assumption of normal estimates.
same_mcse <- c("bias", "rbias", "mse", "cover", "becover")

# A table of a run; an empty cell is a value that does not exist.
read_table <- function(folder, file) {
  path <- file.path(folder, file)
  if (!file.exists(path)) give_up("there is no ", path, "; run the scenario with --set save=estimates")
  read.csv(path, na.strings = "", check.names = FALSE)
}

give_up <- function(...) {
  message(...)
  quit(status = 2)
}

# Where outcomes are listed, a row stands for `weight` replicates: one row for each.
one_row_per_replicate <- function(rows) rows[rep(seq_len(nrow(rows)), rows$weight), ]

# The measures of the estimators of one estimand in one condition, and of one kind of interval if `se` is given.
measures <- function(rows, ...) {
  summ <- suppressWarnings(simsum( # it warns of correlations of estimates that do not vary
    data = rows, estvarname = "estimate", true = "true_value", methodvar = "estimator", ref = rows$estimator[1], ...
  )$summ)
  data.frame(estimator = as.character(summ$estimator), stat = summ$stat, est = summ$est, mcse = summ$mcse)
}

# Measures of the estimates. mcdiv's are of the finite ones.
of_estimates <- function(rows) {
  rows <- one_row_per_replicate(rows[!duplicated(rows[c("estimator", "replicate")]), ])
  failed <- unique(rows$estimator[!is.finite(rows$estimate)])
  rows$estimate[!is.finite(rows$estimate)] <- NA
  found <- measures(rows)
  found <- found[found$stat %in% c("thetamean", "bias", "rbias", "empse", "mse", "relprec"), ]
  # mcdiv compares the precision of two estimators on the replicates for which both are finite.
  found[!(found$stat == "relprec" & (found$estimator %in% failed | rows$estimator[1] %in% failed)), ]
}

# Measures of intervals. rsimsum leaves out a replicate without a standard error, and mcdiv counts one without an interval
# as a miss.
of_intervals <- function(rows) {
  rows <- one_row_per_replicate(rows)
  level <- list(level = rows$level[1])
  unsure <- unique(rows$estimator[!is.finite(rows$se) | !is.finite(rows$estimate)])
  rows$estimate[!is.finite(rows$estimate)] <- NA
  # mcdiv takes an end as part of the interval, whatever its last digits.
  rounding <- 1e-12 * pmax(1, abs(rows$true_value))
  rows$low <- rows$low - rounding
  rows$high <- rows$high + rounding
  found <- measures(within(rows, se[!is.finite(se)] <- NA), se = "se", ci.limits = c("low", "high"), control = level)
  found <- found[found$stat == "modelse" | (found$stat == "relerror" & !found$estimator %in% unsure), ]
  # The ends decide what an interval covers; a standard error and an estimate only have to be there.
  rows$se <- 1
  rows$estimate <- ave(rows$estimate, rows$estimator, FUN = function(x) replace(x, is.na(x), mean(x, na.rm = TRUE)))
  covered <- measures(rows, se = "se", ci.limits = c("low", "high"), control = level)
  rbind(found, covered[covered$stat %in% c("cover", "becover"), ])
}

# The same values as mcdiv reports them, beside rsimsum's.
beside <- function(found, rows, interval, performance) {
  there <- performance[performance$condition == rows$condition[1] & performance$estimand == rows$estimand[1], ]
  exact <- c(there$estimator[there$measure == "mean" & !is.na(there$exact)], rows$estimator[!is.na(rows$probability)])
  there <- there[there$interval %in% interval, ]
  # Where mcdiv knows the exact mean of the estimates, that is the one that its bias-eliminated coverage is of.
  found <- found[!(found$stat == "becover" & found$estimator %in% exact), ]
  at <- match(paste(found$estimator, names_of[found$stat]), paste(there$estimator, there$measure))
  values <- data.frame(found, value = there$value[at], error = there$mcse[at])
  values$size <- max(abs(c(rows$true_value[1], rows$estimate[is.finite(rows$estimate)])))
  values[!is.na(values$value), ]
}

# Differences as a share of the value. Two values are the same if both are only roundings of the estimates; where digits
# cancel, the share is of 1e-4 of what they cancel from, at least.
differences <- function(compared) {
  measure <- names_of[compared$stat]
  whole <- ifelse(compared$stat %in% c("relprec", "relerror"), 100, ifelse(compared$stat == "rbias", 1, compared$size))
  least <- ifelse(compared$stat %in% cancelling, 1e-4 * whole, 0)
  rounding <- (1e-14 * whole)^ifelse(compared$stat == "mse", 2, 1)
  off <- share(compared$est, compared$value, least, rounding)
  same <- compared$stat %in% same_mcse & !is.na(compared$mcse) & !is.na(compared$error)
  of_errors <- share(compared$mcse, compared$error, 0, rounding)[same]
  data.frame(measure = c(measure, sprintf("MCSE of %s", measure[same])), off = c(off, of_errors))
}

share <- function(found, wanted, least, rounding) {
  ifelse(pmax(abs(found), abs(wanted)) <= rounding, 0, abs(found - wanted) / pmax(abs(wanted), least))
}

main <- function(folder) {
  rows <- read_table(folder, "estimates.csv")
  if (anyNA(rows$weight)) give_up("nothing was simulated (mode: exact), so there are no replicates to read")
  performance <- read_table(folder, "performance.csv")
  compared <- list()
  for (group in split(rows, list(rows$condition, rows$estimand), drop = TRUE)) {
    if (!is.finite(group$true_value[1])) next # no error is finite there
    compared <- c(compared, list(beside(of_estimates(group), group, NA, performance)))
    for (around in split(group, group$interval, drop = TRUE)) {
      compared <- c(compared, list(beside(of_intervals(around), around, around$interval[1], performance)))
    }
  }
  if (length(compared) == 0) give_up("no true value is finite, so there are no errors to compare")
  found <- differences(do.call(rbind, compared))
  for (measure in unique(found$measure)) {
    off <- found$off[found$measure == measure]
    cat(sprintf("%-34s %5d values, largest relative difference %.1e\n", measure, length(off), max(off)))
  }
  if (anyNA(found$off) || any(found$off > 1e-10)) quit(status = 1)
}

main(commandArgs(trailingOnly = TRUE)[1])
