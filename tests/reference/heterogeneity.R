# Reference answers for analysis/methods/heterogeneity.py. Run from this folder with `Rscript heterogeneity.R`; metafor must
# be installed (Debian r-cran-metafor). Writes heterogeneity_data.csv, heterogeneity_answers.csv and
# heterogeneity_R_version.txt.
suppressMessages(library(metafor))

# Percentage points. alike: less spread than chance (Q below k - 1). very_alike: so little that the Q-profile interval of
# tau2 is nought alone. two: the fewest. mixed: one precise centre among rough ones.
cases <- list(
  apart = data.frame(estimate = c(21.4, 3.2, -8.5, 14.9, 0.8, 9.7), std_error = c(5.9, 7.4, 6.8, 6.1, 8.3, 5.2)),
  alike = data.frame(estimate = c(11.1, 5.3, -2.9, 12.6, 2.2, 8.4), std_error = c(5.9, 7.4, 6.8, 6.1, 8.3, 5.2)),
  very_alike = data.frame(estimate = c(7.0, 7.1, 6.9, 7.05, 6.95, 7.0), std_error = c(5.9, 7.4, 6.8, 6.1, 8.3, 5.2)),
  two = data.frame(estimate = c(-4.0, 19.5), std_error = c(5.5, 6.5)),
  mixed = data.frame(estimate = c(1.0, 16, -14, 30, 4, -22, 9, 12), std_error = c(0.8, 9, 7, 12, 6, 11, 8, 10))
)
answers <- data.frame(case = character(), method = character(), quantity = character(), value = numeric())
keep <- function(case, method, quantity, value) {
  answers <<- rbind(answers, data.frame(case = case, method = method, quantity = quantity, value = as.numeric(value)))
}
for (case in names(cases)) {
  own <- cases[[case]]
  for (method in c("REML", "DL")) {
    for (test in c("adhoc", "knha")) {
      fit <- suppressWarnings(rma(estimate, sei = std_error, data = own, method = method, test = test,
                                  control = list(threshold = 1e-10, maxiter = 10000)))
      name <- paste0(method, ifelse(test == "adhoc", "_modified", "_plain"))
      keep(case, name, "mean", fit$beta)
      keep(case, name, "std_error", fit$se)
      keep(case, name, "conf_low", fit$ci.lb)
      keep(case, name, "conf_high", fit$ci.ub)
      keep(case, name, "tau2", fit$tau2)
      keep(case, name, "i2", fit$I2 / 100)
      new <- predict(fit)
      keep(case, name, "new_low", new$pi.lb)
      keep(case, name, "new_high", new$pi.ub)
      profile <- suppressWarnings(confint(fit, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1e7)))$random
      keep(case, name, "tau2_low", profile["tau^2", "ci.lb"])
      keep(case, name, "tau2_high", profile["tau^2", "ci.ub"])
      keep(case, name, "q", fit$QE)
      keep(case, name, "q_p", fit$QEp)
      each <- blup(fit)
      keep(case, name, paste0("shrunken_", seq_len(nrow(own))), each$pred)
      keep(case, name, paste0("shrunken_se_", seq_len(nrow(own))), each$se)
      keep(case, name, paste0("shrunken_low_", seq_len(nrow(own))), each$pi.lb)
      keep(case, name, paste0("shrunken_high_", seq_len(nrow(own))), each$pi.ub)
    }
  }
}
p <- c(0.04, 0.003, 0.7, 0.02, 0.02, 0.3)
keep("p_values", "holm", paste0("given_", seq_along(p)), p)
keep("p_values", "holm", paste0("adjusted_", seq_along(p)), p.adjust(p, "holm"))

data <- do.call(rbind, lapply(names(cases), function(case) cbind(case = case, cases[[case]])))
write.csv(data, "heterogeneity_data.csv", row.names = FALSE, quote = FALSE)
answers$value <- format(answers$value, digits = 15, trim = TRUE)
write.csv(answers, "heterogeneity_answers.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("metafor", packageVersion("metafor"))), "heterogeneity_R_version.txt")
